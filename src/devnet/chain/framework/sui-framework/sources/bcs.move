/// Reads values out of BCS bytes.
module sui::bcs;

public struct BCS has copy, drop, store { bytes: vector<u8> }

const EOutOfRange: u64 = 0;
const ENotBool: u64 = 1;

public fun to_bytes<T>(value: &T): vector<u8> { std::bcs::to_bytes(value) }

public fun new(mut bytes: vector<u8>): BCS {
    bytes.reverse();
    BCS { bytes }
}

public fun into_remainder_bytes(bcs: BCS): vector<u8> {
    let BCS { mut bytes } = bcs;
    bytes.reverse();
    bytes
}

public fun peel_u8(bcs: &mut BCS): u8 {
    assert!(bcs.bytes.length() >= 1, EOutOfRange);
    bcs.bytes.pop_back()
}

public fun peel_bool(bcs: &mut BCS): bool {
    let value = bcs.peel_u8();
    assert!(value < 2, ENotBool);
    value == 1
}

public fun peel_address(bcs: &mut BCS): address {
    assert!(bcs.bytes.length() >= 32, EOutOfRange);
    let mut raw = vector[];
    while (raw.length() < 32) raw.push_back(bcs.bytes.pop_back());
    sui::address::from_bytes(raw)
}

public fun peel_u16(bcs: &mut BCS): u16 { bcs.peel_integer(2) as u16 }

public fun peel_u32(bcs: &mut BCS): u32 { bcs.peel_integer(4) as u32 }

public fun peel_u64(bcs: &mut BCS): u64 { bcs.peel_integer(8) as u64 }

public fun peel_u128(bcs: &mut BCS): u128 { bcs.peel_integer(16) as u128 }

public fun peel_u256(bcs: &mut BCS): u256 { bcs.peel_integer(32) }

fun peel_integer(bcs: &mut BCS, bytes: u64): u256 {
    assert!(bcs.bytes.length() >= bytes, EOutOfRange);
    let mut value = 0u256;
    let mut i = 0;
    while (i < bytes) {
        let byte = bcs.bytes.pop_back() as u256;
        value = value + (byte << (8 * i as u8));
        i = i + 1;
    };
    value
}

public fun peel_vec_length(bcs: &mut BCS): u64 {
    let mut total = 0u64;
    let mut shift = 0u8;
    loop {
        let byte = bcs.peel_u8() as u64;
        total = total | ((byte & 0x7f) << shift);
        if (byte & 0x80 == 0) break;
        shift = shift + 7;
        assert!(shift <= 28, EOutOfRange);
    };
    total
}

public fun peel_vec_u8(bcs: &mut BCS): vector<u8> {
    let count = bcs.peel_vec_length();
    let mut bytes = vector[];
    while (bytes.length() < count) bytes.push_back(bcs.peel_u8());
    bytes
}
