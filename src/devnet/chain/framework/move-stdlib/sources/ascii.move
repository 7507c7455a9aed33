/// ASCII strings.
module std::ascii;

public struct String has copy, drop, store { bytes: vector<u8> }

const EInvalidASCIICharacter: u64 = 0x10000;

public use fun std::string::from_ascii as String.to_string;

public fun string(bytes: vector<u8>): String {
    let mut i = 0;
    let count = bytes.length();
    while (i < count) {
        assert!(bytes[i] < 128, EInvalidASCIICharacter);
        i = i + 1;
    };
    String { bytes }
}

public fun as_bytes(s: &String): &vector<u8> { &s.bytes }

public fun into_bytes(s: String): vector<u8> {
    let String { bytes } = s;
    bytes
}

public fun length(s: &String): u64 { s.bytes.length() }
