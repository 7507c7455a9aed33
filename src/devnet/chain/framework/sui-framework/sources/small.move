module sui::event {
    public native fun emit<T: copy + drop>(event: T);
}

module sui::types {
    public native fun is_one_time_witness<T: drop>(_: &T): bool;
}

#[defines_primitive(address)]
module sui::address {
    public native fun to_u256(a: address): u256;
    public native fun from_u256(n: u256): address;
    public native fun from_bytes(bytes: vector<u8>): address;
    public fun to_bytes(a: address): vector<u8> { std::bcs::to_bytes(&a) }
    public fun length(): u64 { 32 }
}

module sui::hash {
    public native fun blake2b256(data: &vector<u8>): vector<u8>;
}

module sui::url {
    use std::ascii::String;

    public struct Url has copy, drop, store { url: String }

    public fun new_unsafe(url: String): Url { Url { url } }
    public fun new_unsafe_from_bytes(bytes: vector<u8>): Url { Url { url: bytes.to_ascii_string() } }
    public fun inner_url(self: &Url): String { self.url }
}

/// The time of the chain: the shared object 0x6.
module sui::clock {
    public struct Clock has key { id: UID, timestamp_ms: u64 }

    public fun timestamp_ms(clock: &Clock): u64 { clock.timestamp_ms }

    #[allow(unused_function)]
    fun create(timestamp_ms: u64) {
        transfer::share_object(Clock { id: sui::object::new_uid_from_hash(@0x6), timestamp_ms })
    }

    #[allow(unused_function)]
    fun set(clock: &mut Clock, timestamp_ms: u64) { clock.timestamp_ms = timestamp_ms }
}

/// Elements of cryptographic groups, serialised.
module sui::group_ops {
    public struct Element<phantom T> has copy, drop, store { bytes: vector<u8> }

    public fun bytes<G>(e: &Element<G>): &vector<u8> { &e.bytes }

    public(package) fun from_bytes<G>(bytes: vector<u8>): Element<G> { Element { bytes } }
}

/// The group G1 of BLS12-381, compressed (48 bytes) and uncompressed (96 bytes), and signatures over it.
module sui::bls12381 {
    use sui::group_ops::{Self, Element};

    public struct G1 {}

    public struct UncompressedG1 {}

    public fun g1_from_bytes(bytes: &vector<u8>): Element<G1> {
        validate_g1(bytes);
        group_ops::from_bytes(*bytes)
    }

    public fun g1_sub(e1: &Element<G1>, e2: &Element<G1>): Element<G1> {
        group_ops::from_bytes(g1_sub_bytes(e1.bytes(), e2.bytes()))
    }

    public fun g1_to_uncompressed_g1(e: &Element<G1>): Element<UncompressedG1> {
        group_ops::from_bytes(uncompress_g1_bytes(e.bytes()))
    }

    public fun uncompressed_g1_to_g1(e: &Element<UncompressedG1>): Element<G1> {
        group_ops::from_bytes(compress_g1_bytes(e.bytes()))
    }

    public fun uncompressed_g1_sum(terms: &vector<Element<UncompressedG1>>): Element<UncompressedG1> {
        let mut all = vector[];
        let mut i = 0;
        while (i < terms.length()) {
            all.push_back(*terms[i].bytes());
            i = i + 1;
        };
        group_ops::from_bytes(sum_uncompressed_g1_bytes(all))
    }

    public native fun bls12381_min_pk_verify(
        signature: &vector<u8>,
        public_key: &vector<u8>,
        msg: &vector<u8>,
    ): bool;

    native fun validate_g1(bytes: &vector<u8>);
    native fun g1_sub_bytes(a: &vector<u8>, b: &vector<u8>): vector<u8>;
    native fun uncompress_g1_bytes(bytes: &vector<u8>): vector<u8>;
    native fun compress_g1_bytes(bytes: &vector<u8>): vector<u8>;
    native fun sum_uncompressed_g1_bytes(terms: vector<vector<u8>>): vector<u8>;
}
