"""Installation and removal: what the data files and foreign keys cannot do by themselves."""


def pre_init_hook(env):
    """Fill the customer kind of existing partners in one statement, before the ORM would compute it one by one."""


def post_init_hook(env):
    """Give every company its standard records."""


def uninstall_hook(env):
    """Remove what no foreign key removes: parameters, attachments and messages of our models."""
