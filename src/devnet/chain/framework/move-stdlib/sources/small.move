/// The canonical serialisation of Move values.
module std::bcs {
    public native fun to_bytes<MoveValue>(v: &MoveValue): vector<u8>;
}

module std::hash {
    public native fun sha2_256(data: vector<u8>): vector<u8>;
    public native fun sha3_256(data: vector<u8>): vector<u8>;
}

/// Types as values.
module std::type_name {
    use std::ascii::String;

    public struct TypeName has copy, drop, store { name: String }

    public native fun with_defining_ids<T>(): TypeName;
    public native fun with_original_ids<T>(): TypeName;
    public native fun get<T>(): TypeName;
    public native fun get_with_original_ids<T>(): TypeName;
    public fun as_string(self: &TypeName): &String { &self.name }
    public fun borrow_string(self: &TypeName): &String { &self.name }
    public fun into_string(self: TypeName): String { self.name }
}

/// Prints to the log of the devnet.
module std::debug {
    public native fun print<T>(x: &T);
}

#[defines_primitive(u64)]
module std::u64 {
    public fun max(x: u64, y: u64): u64 { if (x > y) x else y }
    public fun min(x: u64, y: u64): u64 { if (x < y) x else y }
    public fun diff(x: u64, y: u64): u64 { if (x > y) x - y else y - x }
    public fun divide_and_round_up(x: u64, y: u64): u64 { if (x % y == 0) x / y else x / y + 1 }
}

#[defines_primitive(u32)]
module std::u32 {
    public fun max(x: u32, y: u32): u32 { if (x > y) x else y }
    public fun min(x: u32, y: u32): u32 { if (x < y) x else y }
}

#[defines_primitive(u16)]
module std::u16 {
    public fun max(x: u16, y: u16): u16 { if (x > y) x else y }
    public fun min(x: u16, y: u16): u16 { if (x < y) x else y }
}
