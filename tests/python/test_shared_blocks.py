import re
from collections import defaultdict

from support.python_models import PYTHON_MODELS

BLOCK = re.compile(r"^# --- shared: (.+?) ---\n(.*?)^# --- end shared ---\n", re.M | re.S)


def test_blocks_that_several_models_share_are_byte_identical():
    versions = defaultdict(list)
    for path in sorted(PYTHON_MODELS.glob("*.py")):
        text = path.read_text()
        blocks = BLOCK.findall(text)
        assert text.count("# --- shared: ") == text.count("# --- end shared ---") == len(blocks)
        for name, body in blocks:
            versions[name].append((path.name, body))
    assert set(versions) >= {"engine", "scorer", "run identity", "profile space"}
    for name, found in versions.items():
        assert len(found) > 1, f"{name} is shared with nobody: {found[0][0]}"
        assert len({body for _, body in found}) == 1, f"{name} differs: {[p for p, _ in found]}"
