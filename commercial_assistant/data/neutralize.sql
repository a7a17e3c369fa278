-- letters that wait keep waiting and say why; nothing leaves from a copy (the scheduled jobs are stopped by Odoo itself,
-- and the program refuses to send, print or post in a neutralized database)
UPDATE commercial_dispatch
   SET error = 'neutralization - nothing is sent from this copy'
 WHERE state = 'reserved';

-- letters that were being sent belong to the original database: here nobody waits for their end
UPDATE commercial_dispatch
   SET state = 'ambiguous',
       error = 'neutralization - this letter was being sent by the original database'
 WHERE state = 'sending';

-- scheduled jobs of this addon
UPDATE ir_cron
   SET active = false
 WHERE id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE module = 'commercial_assistant'
          AND model = 'ir.cron'
);
