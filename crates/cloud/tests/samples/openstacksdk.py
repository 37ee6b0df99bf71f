"""Prints, as JSON, what openstacksdk makes of the environment and the files around it: the oracle of configuration."""

import json
import sys

import openstack.config

wanted = json.loads(sys.argv[1])
config = openstack.config.OpenStackConfig()
region = config.get_one(**wanted)
settings = dict(region.config["auth"])
settings.update((k, v) for k, v in region.config.items() if isinstance(v, (str, bool)) and k != "auth")
verify, cert = region.get_requests_verify_args()
settings["transport"] = [verify, cert]
settings["image_endpoint"] = region.get_endpoint("image")
json.dump({k: v for k, v in settings.items() if v is not None}, sys.stdout)
