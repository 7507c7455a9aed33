/// What a site says of itself; an argument only.
module walrus_site::metadata;

use std::string::String;

public struct Metadata has copy, drop, store {
    link: Option<String>,
    image_url: Option<String>,
    description: Option<String>,
    project_url: Option<String>,
    creator: Option<String>,
}

public fun new_metadata(
    link: Option<String>,
    image_url: Option<String>,
    description: Option<String>,
    project_url: Option<String>,
    creator: Option<String>,
): Metadata {
    Metadata { link, image_url, description, project_url, creator }
}

public fun link(self: &Metadata): Option<String> { self.link }

public fun image_url(self: &Metadata): Option<String> { self.image_url }

public fun description(self: &Metadata): Option<String> { self.description }

public fun project_url(self: &Metadata): Option<String> { self.project_url }

public fun creator(self: &Metadata): Option<String> { self.creator }
