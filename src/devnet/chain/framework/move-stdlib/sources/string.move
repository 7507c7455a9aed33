/// UTF-8 strings.
module std::string;

use std::ascii;

public struct String has copy, drop, store { bytes: vector<u8> }

const EInvalidUTF8: u64 = 1;
const EInvalidIndex: u64 = 2;

public fun utf8(bytes: vector<u8>): String {
    assert!(internal_check_utf8(&bytes), EInvalidUTF8);
    String { bytes }
}

public fun try_utf8(bytes: vector<u8>): Option<String> {
    if (internal_check_utf8(&bytes)) option::some(String { bytes }) else option::none()
}

public fun from_ascii(s: ascii::String): String { String { bytes: s.into_bytes() } }

public fun to_ascii(s: String): ascii::String {
    let String { bytes } = s;
    bytes.to_ascii_string()
}

public fun as_bytes(s: &String): &vector<u8> { &s.bytes }

public fun bytes(s: &String): &vector<u8> { &s.bytes }

public fun into_bytes(s: String): vector<u8> {
    let String { bytes } = s;
    bytes
}

public fun is_empty(s: &String): bool { s.bytes.is_empty() }

public fun length(s: &String): u64 { s.bytes.length() }

public fun append(s: &mut String, tail: String) { s.bytes.append(tail.bytes) }

public fun append_utf8(s: &mut String, tail: vector<u8>) { s.append(utf8(tail)) }

public fun insert(s: &mut String, at: u64, middle: String) {
    assert!(at <= s.length() && internal_is_char_boundary(&s.bytes, at), EInvalidIndex);
    let mut joined = s.substring(0, at);
    joined.append(middle);
    joined.append(s.substring(at, s.length()));
    *s = joined
}

public fun substring(s: &String, i: u64, j: u64): String {
    let bounded = j <= s.bytes.length() && i <= j;
    assert!(bounded, EInvalidIndex);
    assert!(internal_is_char_boundary(&s.bytes, i), EInvalidIndex);
    assert!(internal_is_char_boundary(&s.bytes, j), EInvalidIndex);
    String { bytes: internal_sub_string(&s.bytes, i, j) }
}

public fun sub_string(s: &String, i: u64, j: u64): String { s.substring(i, j) }

public fun index_of(s: &String, r: &String): u64 { internal_index_of(&s.bytes, &r.bytes) }

native fun internal_check_utf8(v: &vector<u8>): bool;
native fun internal_is_char_boundary(v: &vector<u8>, i: u64): bool;
native fun internal_sub_string(v: &vector<u8>, i: u64, j: u64): vector<u8>;
native fun internal_index_of(v: &vector<u8>, r: &vector<u8>): u64;
