"""Says of each file named on standard input what Glance 33 would answer, by the inspector of oslo.utils.

One line in: a path. One line out: for every format under which it could come, `FORMAT=VERDICT`, with tabs between.
VERDICT is `refused`, `blind` (Glance looks at nothing and takes it) or `FOUND:SIZE`. Glance reads an upload in pieces of
64 KiB; what it then asks its inspector, and in which order, is in its location.py.
"""

import logging
import sys

from oslo_utils.imageutils import format_inspector as oslo

logging.disable(logging.CRITICAL)
DECLARED = ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "iso", "gpt", "luks", "ami"]


def read(path):
    with open(path, "rb") as file:
        wrapper = oslo.InspectWrapper(file)
        while wrapper.read(64 << 10):
            pass
        wrapper.close()
        return wrapper


def answer(wrapper, declared):
    try:
        found = {str(inspector): inspector for inspector in wrapper.formats}
        chosen = found["iso"] if set(found) == {"iso", "gpt"} else wrapper.format
        name, size = str(chosen), 0
        if name == declared:
            size = chosen.virtual_size
        elif declared == "raw":
            # Glance logs what it has found, which fails when it has found two.
            size = chosen.actual_size if wrapper.format else 0
        elif name != "raw" or declared in oslo.ALL_FORMATS:
            return "refused"
        chosen.safety_check()
        return f"{name}:{size}"
    except AttributeError:
        return "blind"
    except Exception:
        return "refused"


for line in sys.stdin:
    wrapper = read(line.rstrip("\n"))
    print("\t".join(f"{name}={answer(wrapper, name)}" for name in DECLARED), flush=True)
