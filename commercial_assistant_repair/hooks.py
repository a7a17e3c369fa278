def uninstall_hook(env):
    """Our columns on the models of others go with their foreign keys; Odoo's notes about these keys would stay."""
    env.cr.execute(
        """
        DELETE FROM ir_model_constraint note
              USING ir_module_module module
              WHERE module.id = note.module AND module.name = 'commercial_assistant_repair' AND note.type = 'f'
        """
    )
