"""The wheel of an addon holds every file of it and works beside an Odoo."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from conftest import ROOT, run

ADDONS = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))


@pytest.mark.parametrize("addon", ADDONS)
def test_the_wheel_holds_the_whole_addon(addon, tmp_path):
    files = run("git", "ls-files", "-co", "--exclude-standard", "--", addon)[1].split()
    files = [file for file in files if (ROOT / file).exists()]
    # the builder packs what git knows: a repository of its own, so that new files count before they are committed
    source = tmp_path / "source"
    for file in files:
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, source / file)
    for command in ("init -q", "add -A", "-c user.name=test -c user.email=test@example.com commit -qm test"):
        subprocess.run(["git", *command.split()], cwd=source, check=True)
    code, output = run(
        *(os.environ["CA_BUILDER"], "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path, source / addon),
        PYTHONPATH=None,
        PIP_NO_INDEX="1",
    )
    assert code == 0, output
    (wheel,) = tmp_path.glob("*.whl")
    assert re.match(rf"odoo_addon_{addon}-19\.0\.", wheel.name), wheel.name
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {f"odoo/addons/{file}" for file in files if not file.endswith("pyproject.toml")} <= packed

    target = tmp_path / "target"
    code, output = run(
        sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel
    )
    assert code == 0, output
    # what works without a database is imported
    tools = f"import odoo.addons.{addon}.tools" if (ROOT / addon / "tools").exists() else ""
    code, output = run(
        sys.executable,
        "-c",
        f"""
import odoo.addons
from odoo.modules.module import Manifest, initialize_sys_path
from odoo.tools import config
config.parse_config([], setup_logging=False)
initialize_sys_path()
{tools}
manifest = Manifest.for_addon("{addon}")
print(manifest.path, manifest["license"])
""",
        PYTHONPATH=f"{target}{os.pathsep}{os.environ['PYTHONPATH']}",
        ODOO_RC=str(tmp_path / "none.conf"),
    )
    assert code == 0, output
    assert output.splitlines()[-1] == f"{target}/odoo/addons/{addon} LGPL-3"
    metadata = next(name for name in packed if name.endswith("METADATA"))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    for requirement in ("num2words", "openpyxl", "python-stdnum", "xlrd"):
        assert f"Requires-Dist: {requirement}" in text or addon != "commercial_assistant", text
