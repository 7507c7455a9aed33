/// Objects with the layout of Walrus Sites, and as much of its interface as publishing takes.
module walrus_site::site;

use std::string::String;
use sui::dynamic_field;
use sui::vec_map::{Self, VecMap};
use walrus_site::metadata::Metadata;

const EEmptyRange: u64 = 2;

public struct Site has key, store {
    id: UID,
    name: String,
    link: Option<String>,
    image_url: Option<String>,
    description: Option<String>,
    project_url: Option<String>,
    creator: Option<String>,
}

public struct Resource has drop, store {
    path: String,
    headers: VecMap<String, String>,
    blob_id: u256,
    blob_hash: u256,
    range: Option<Range>,
}

public struct Range has drop, store {
    start: Option<u64>,
    end: Option<u64>,
}

public struct ResourcePath has copy, drop, store {
    path: String,
}

public fun new_site(name: String, metadata: Metadata, ctx: &mut TxContext): Site {
    Site {
        id: object::new(ctx),
        name,
        link: metadata.link(),
        image_url: metadata.image_url(),
        description: metadata.description(),
        project_url: metadata.project_url(),
        creator: metadata.creator(),
    }
}

public fun new_range_option(start: Option<u64>, end: Option<u64>): Option<Range> {
    if (start.is_none() && end.is_none()) return option::none();
    option::some(Range { start, end })
}

public fun new_range(start: Option<u64>, end: Option<u64>): Range {
    assert!(start.is_some() || end.is_some(), EEmptyRange);
    Range { start, end }
}

public fun new_resource(path: String, blob_id: u256, blob_hash: u256, range: Option<Range>): Resource {
    Resource { path, headers: vec_map::empty(), blob_id, blob_hash, range }
}

public fun add_header(resource: &mut Resource, name: String, value: String) {
    resource.headers.insert(name, value);
}

public fun add_resource(site: &mut Site, resource: Resource) {
    let path = ResourcePath { path: resource.path };
    dynamic_field::add(&mut site.id, path, resource);
}

public fun remove_resource_if_exists(site: &mut Site, path: String): Option<Resource> {
    dynamic_field::remove_if_exists(&mut site.id, ResourcePath { path })
}
