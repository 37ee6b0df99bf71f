//! The list of cases; each is a test against the real Glance and one against our own service.

use crate::service::skipped;
use crate::talk::Talk;
use crate::target::Target;

macro_rules! contract {
    ($($room:ident { $($case:ident),* $(,)? })*) => {
        $(mod $room;)*

        /// Every case, as `room::case`.
        pub(crate) const NAMES: &[&str] = &[$($(concat!(stringify!($room), "::", stringify!($case))),*),*];

        mod real {
            $(mod $room {
                $(#[test] fn $case() {
                    crate::cases::against_the_real(concat!(stringify!($room), "::", stringify!($case)), crate::cases::$room::$case);
                })*
            })*
        }

        mod own {
            $(mod $room {
                $(#[test] fn $case() {
                    crate::cases::against_our_own(concat!(stringify!($room), "::", stringify!($case)), crate::cases::$room::$case);
                })*
            })*
        }
    };
}

contract! {
    discovery { versions, health, unknown_paths_and_methods, who_is_asked_for_a_token }
    create {
        nothing_given, everything_given, every_visibility_by_every_role, every_format, an_id_of_one_s_own, an_owner, tags,
        properties_of_one_s_own, by_a_media_type_of_any_kind,
    }
    create_faults {
        values_out_of_bounds, names_of_properties, what_only_the_service_writes, nobody_and_readers, a_refusal_in_html_and_in_json,
    }
    show { by_id_and_not_by_name, another_project_s, a_body_where_none_belongs }
    list { by_field, of_several_values, by_time, of_whoever_asks, of_images_shared_with_one, one_whole_list }
    list_order { by_one_key_and_by_several, by_keys_given_apart, refused, page_by_page, at_most_a_thousand_and_by_default_twenty_five }
    patch {
        fields, properties_of_one_s_own, pointers, in_the_older_form, what_only_the_service_writes, refused_values,
        shapes_of_the_body, formats_are_frozen_with_the_data, an_owner_by_an_admin,
    }
    delete { once_and_again, not_what_is_protected, not_what_is_another_s }
    data {
        up_and_down, in_chunks, nothing_at_all, in_parts, to_an_image_that_takes_none, to_a_store, of_a_size_foretold,
    }
    formats { each_as_itself_and_as_another, an_iso_and_a_partition_table, unsafe_ones }
    stage { and_import, refused, of_what_the_image_is_not, deleted_before_the_import }
    import {
        from_the_web, from_the_web_in_vain, from_the_web_of_another_format, addresses_refused, methods_and_members_of_the_request,
    }
    tasks { of_an_image, for_admins_only, listed_for_an_admin, made_by_hand, made_by_hand_refused }
    info { import_methods, stores, usage }
    members { from_the_offer_to_the_end, who_says_what, requests_that_make_no_sense, only_of_shared_images }
    tags { put_on_and_taken_off, refused }
    actions { off_and_on, of_images_without_data }
    schemas { of_images, of_members_and_tasks, of_metadata_definitions }
    metadefs {
        namespaces, written_by_admins_only, refused_namespaces, listed, properties, objects, tags, resource_types, private_ones,
    }
    metadefs_rules {
        made_in_one_piece, all_or_nothing, refused_in_one_piece, renamed, protected_with_all_that_is_in_it, in_pages,
        under_the_prefix_of_a_resource_type, what_only_the_service_writes, paths_and_methods, shapes_of_the_body,
        whose_private_ones_are_seen, what_others_have_hidden_is_not_there,
    }
    metadefs_parts {
        values_of_properties, refused_properties, objects_changed, refused_objects, several_tags_at_once, tags_in_pages,
        refused_tags, refused_resource_types,
    }
    quotas { of_properties, of_tags, of_members }
    access {
        to_private_images, to_shared_images_without_members, to_images_offered_to_the_other_project,
        to_images_the_other_project_has_accepted, to_images_the_other_project_has_rejected, to_community_images,
        to_public_images, to_protected_images, to_hidden_public_images,
    }
    clients {
        openstack_makes_lists_shows_and_saves, openstack_shares_an_image, openstack_imports, openstacksdk, python_glanceclient,
        glance_makes_lists_shows_and_saves, glance_shares_an_image, glance_imports,
    }
    stores { a_cache_that_is_off, locations, the_last_store_of_an_image_stays }
}

fn against_the_real(name: &str, case: fn(&Talk)) {
    let Some(target) = Target::real() else {
        skipped(name, "no lab (ECTYPE_TEST_LAB)");
        return;
    };
    run(name, target, case);
}

fn against_our_own(name: &str, case: fn(&Talk)) {
    let Some(target) = Target::own() else {
        skipped(name, "no service of our own (ECTYPE_TEST_SERVE)");
        return;
    };
    run(name, target, case);
}

fn run(name: &str, target: &'static Target, case: fn(&Talk)) {
    let talk = Talk::new(name, target);
    case(&talk);
    talk.finish();
}
