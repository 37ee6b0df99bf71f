"""What python-glanceclient sees of an image service; prints one JSON object."""
import hashlib
import io
import json
import sys
import time

import openstack
from glanceclient import Client, exc

mark, cloud, other_cloud, other, web = sys.argv[1:6]


def client(name):
    return Client("2", session=openstack.connect(cloud=name).session, region_name="RegionOne", interface="public")


glance, others = client(cloud), client(other_cloud)
said = {}


def fields(image):
    return {k: v for k, v in dict(image).items() if k != "stores" and not k.startswith("os_glance_")}


def refusal(call, *arguments, **named):
    try:
        return fields(call(*arguments, **named))
    except exc.HTTPException as fault:
        return [type(fault).__name__, fault.code, str(fault)]


def imported(image):
    for _ in range(200):
        if glance.images.get(image.id).status == "active":
            break
        time.sleep(0.1)
    return fields(glance.images.get(image.id))


image = glance.images.create(name=mark, disk_format="raw", container_format="bare", tags=[mark], os_distro="debian")
said["created"] = fields(image)
glance.images.upload(image.id, io.BytesIO(b"bytes of glanceclient" * 1000))
said["uploaded"] = fields(glance.images.get(image.id))
said["downloaded"] = hashlib.sha512(b"".join(glance.images.data(image.id))).hexdigest()
said["listed"] = [one.name for one in glance.images.list(filters={"tag": [mark]})]
said["updated"] = fields(glance.images.update(image.id, remove_props=["os_distro"], name=mark + "-2", os_version="13"))
glance.image_tags.update(image.id, "glance")
glance.image_tags.delete(image.id, "glance")
said["member"] = glance.image_members.create(image.id, other).status
said["members"] = [one.status for one in glance.image_members.list(image.id)]
said["seen by the other while pending"] = [one.name for one in others.images.list(filters={"tag": [mark]})]
said["accepted by the owner"] = refusal(glance.image_members.update, image.id, other, "accepted")
said["accepted"] = others.image_members.update(image.id, other, "accepted").status
said["seen by the other"] = [one.name for one in others.images.list(filters={"tag": [mark]})]
said["changed by the other"] = refusal(others.images.update, image.id, name="mine")
glance.image_members.delete(image.id, other)
glance.images.deactivate(image.id)
said["deactivated"] = glance.images.get(image.id).status
said["refused while deactivated"] = refusal(lambda: glance.images.data(image.id))
glance.images.reactivate(image.id)
said["schema"] = sorted(glance.schemas.get("image").raw()["properties"])
said["namespaces"] = isinstance(list(glance.metadefs_namespace.list()), list)
said["refused"] = [
    refusal(glance.images.get, "ba7ba7a2-0000-4000-8000-000000000000"),
    refusal(glance.images.update, image.id, visibility="public"),
    refusal(glance.images.delete, "ba7ba7a2-0000-4000-8000-000000000000"),
]
staged = glance.images.create(name=mark + "-staged", disk_format="raw", container_format="bare")
glance.images.stage(staged.id, io.BytesIO(b"staged by glanceclient"))
glance.images.image_import(staged.id, method="glance-direct")
said["imported"] = imported(staged)
fetched = glance.images.create(name=mark + "-fetched", disk_format="raw", container_format="bare")
glance.images.image_import(fetched.id, method="web-download", uri=web)
said["fetched"] = imported(fetched)
said["imported again"] = refusal(glance.images.image_import, fetched.id, method="web-download", uri=web)
for one in (fetched, staged, image):
    glance.images.delete(one.id)
said["left"] = [one.name for one in glance.images.list(filters={"tag": [mark]})]
print(json.dumps(said, default=str))
