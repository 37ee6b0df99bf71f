//! The rules of SCS-0102 and SCS-0104 about the images of a cloud.
