"""What openstacksdk sees of an image service; prints one JSON object."""
import hashlib
import json
import os
import sys
import tempfile
import time

import openstack

mark, cloud, other_cloud, other, web = sys.argv[1:6]
own = openstack.connect(cloud=cloud)
images, others = own.image, openstack.connect(cloud=other_cloud).image
said = {}


def fields(image):
    kept = {k: v for k, v in image.to_dict().items() if k not in ("location", "stores")}
    kept["properties"] = {k: v for k, v in kept["properties"].items() if not k.startswith("os_glance_")}
    return kept


def refusal(call, *arguments, **named):
    try:
        return fields(call(*arguments, **named))
    except openstack.exceptions.HttpException as fault:
        return [type(fault).__name__, fault.status_code, fault.details or str(fault)]


def imported(image):
    for _ in range(200):
        if images.get_image(image.id).status == "active":
            break
        time.sleep(0.1)
    return fields(images.get_image(image.id))


with tempfile.NamedTemporaryFile() as file:
    file.write(b"bytes of the sdk" * 1000)
    file.flush()
    image = own.create_image(
        mark, filename=file.name, wait=True, validate_checksum=True, disk_format="raw", container_format="bare",
        tags=[mark], os_distro="debian", hw_qemu_guest_agent="yes",
    )
    said["created"] = fields(image)
    again = own.create_image(
        mark, filename=file.name, wait=True, validate_checksum=True, disk_format="raw", container_format="bare"
    )
    said["up to date"] = again.id == image.id

said["found by name"] = fields(images.find_image(mark))
said["not found"] = images.find_image("no image of this name")
said["listed"] = [one.name for one in images.images(tag=mark, sort="name:asc")]
said["in pages of one"] = [one.name for one in images.images(tag=mark, limit=1)]
said["updated"] = fields(images.update_image(image, name=mark + "-2", min_disk=3, os_version="13"))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "copy")
    images.download_image(image, output=path)
    with open(path, "rb") as copy:
        said["downloaded"] = hashlib.sha512(copy.read()).hexdigest()
said["tagged"] = refusal(lambda: images.add_tag(image, "sdk") or images.get_image(image.id))
said["untagged"] = refusal(lambda: images.remove_tag(image, "sdk") or images.get_image(image.id))
member = images.add_member(image, member_id=other)
said["member"] = [member.member_id == other, member.status]
said["members"] = [one.status for one in images.members(image)]
said["seen by the other while pending"] = [one.name for one in others.images(tag=mark)]
said["accepted by the owner"] = refusal(lambda: images.update_member(other, image.id, status="accepted"))
said["accepted"] = others.update_member(other, image.id, status="accepted").status
said["seen by the other"] = [one.name for one in others.images(tag=mark)]
said["changed by the other"] = refusal(lambda: others.update_image(others.get_image(image.id), name="mine"))
images.remove_member(other, image)
said["no members"] = len(list(images.members(image)))
images.deactivate_image(image)
said["deactivated"] = images.get_image(image.id).status
images.reactivate_image(image)
said["reactivated"] = images.get_image(image.id).status
said["import info"] = sorted(images.get_import_info().import_methods["value"])
said["schema"] = sorted(images.get_images_schema().properties)
said["refused"] = [
    refusal(images.get_image, "ba7ba7a2-0000-4000-8000-000000000000"),
    refusal(images.create_image, name=mark, visibility="public", allow_duplicates=True),
    refusal(images.update_image, image, visibility="public"),
]

staged = images.create_image(name=mark + "-staged", disk_format="raw", container_format="bare", allow_duplicates=True)
images.stage_image(staged, data=b"staged by the sdk")
images.import_image(staged, method="glance-direct")
said["imported"] = imported(staged)
fetched = images.create_image(name=mark + "-fetched", disk_format="raw", container_format="bare", allow_duplicates=True)
images.import_image(fetched, method="web-download", uri=web)
said["fetched"] = imported(fetched)
for one in (fetched, staged, image):
    images.delete_image(one, ignore_missing=False)
said["left"] = [one.name for one in images.images(tag=mark)]
print(json.dumps(said, default=str))
