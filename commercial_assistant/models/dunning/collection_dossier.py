import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionDossier(models.Model):
    """One version of the file of a hand-over. It never changes; another content is another version."""

    _name = "commercial.collection.dossier"
    _description = "File of a Hand-over"
    _order = "version desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    handover_id = fields.Many2one(
        comodel_name="commercial.collection.handover",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", related="handover_id.company_id", store=True, index=True)
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Archive",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    size = fields.Integer(string="Bytes", readonly=True, aggregator=None)
    size_text = fields.Char(string="Size", compute="_compute_size_text")
    sha256 = fields.Char(string="SHA-256 of the archive", required=True, readonly=True)
    manifest_sha256 = fields.Char(string="SHA-256 of the list", required=True, readonly=True)
    content = fields.Text(string="List of documents", readonly=True)
    missing = fields.Text(string="Missing pieces", readonly=True)
    made_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Made by",
        readonly=True,
        default=lambda self: self.env.user,
    )

    _one_version = models.UniqueIndex("(handover_id, version)", "This version of the file exists already.")

    @api.depends("size")
    @api.depends_context("lang")
    def _compute_size_text(self):
        for dossier in self:
            if dossier.size < 2**20:
                dossier.size_text = self.env._("%(size)s kB", size=max(round(dossier.size / 2**10), 1))
            else:
                dossier.size_text = self.env._("%(size)s MB", size=round(dossier.size / 2**20, 1))

    @api.model
    def _store(self, handover, content, entries, manifest_sha256, missing):
        """Keep an archive as the next version."""
        version = (handover.dossier_ids[:1].version or 0) + 1
        name = f"{handover.name.replace('/', '-')}-v{version}.zip"
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/zip",
                "res_model": handover._name,
                "res_id": handover.id,
            }
        )
        return self.create(
            {
                "name": name,
                "handover_id": handover.id,
                "version": version,
                "attachment_id": attachment.id,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "manifest_sha256": manifest_sha256,
                "content": "\n".join(f"{entry.sha256}  {entry.path}" for entry in entries),
                "missing": "\n".join(missing) or False,
                "user_id": self.env.uid,
            }
        )

    def action_download(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

    def _check_mail_size(self):
        """Raise when the archive is too large for a mail."""
        self.ensure_one()
        limit = self.company_id.handover_mail_limit
        if self.size > limit * 2**20:
            raise UserError(
                self.env._(
                    "The file is %(size)s, more than the %(limit)s MB that a mail carries. Download it, deliver it by "
                    "hand or on the portal of the collector, and record that here.",
                    size=self.size_text,
                    limit=limit,
                )
            )
