"""Prints, as JSON, what openstacksdk makes of environments and the files around them: the oracle of configuration.

Reads a list of {"env", "cwd", "wanted"} from standard input. The places to look into are worked out when the loader
is imported, so it is imported anew for each.
"""

import importlib
import json
import os
import sys

from openstack.config import loader


def answer(case):
    os.environ.clear()
    os.environ.update(case["env"])
    os.chdir(case["cwd"])
    config = importlib.reload(loader).OpenStackConfig()
    region = config.get_one(**case["wanted"])
    settings = dict(region.config["auth"])
    settings.update((k, v) for k, v in region.config.items() if isinstance(v, (str, bool)) and k != "auth")
    settings["transport"] = region.get_requests_verify_args()
    settings["image_endpoint"] = region.get_endpoint("image")
    return {k: v for k, v in settings.items() if v is not None}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
