// What the manifest links against in Sui's package 0x1, as far as it uses it. Compiled bytecode holds
// only the names and signatures of what it calls, so these stand-ins give the same bytes as the
// real modules, which take their place on chain; the bodies serve the unit tests.

#[defines_primitive(vector)]
module std::vector {
    public use fun std::string::utf8 as vector.to_string;

    #[bytecode_instruction]
    public native fun empty<Element>(): vector<Element>;
    #[bytecode_instruction]
    public native fun length<Element>(v: &vector<Element>): u64;
    #[bytecode_instruction, syntax(index)]
    public native fun borrow<Element>(v: &vector<Element>, i: u64): &Element;
    #[bytecode_instruction, syntax(index)]
    public native fun borrow_mut<Element>(v: &mut vector<Element>, i: u64): &mut Element;
    #[bytecode_instruction]
    public native fun push_back<Element>(v: &mut vector<Element>, e: Element);
    #[bytecode_instruction]
    public native fun pop_back<Element>(v: &mut vector<Element>): Element;
    #[bytecode_instruction]
    public native fun destroy_empty<Element>(v: vector<Element>);
    #[bytecode_instruction]
    public native fun swap<Element>(v: &mut vector<Element>, i: u64, j: u64);

    public fun is_empty<Element>(v: &vector<Element>): bool { v.length() == 0 }
}

module std::option {
    public struct Option<Element> has copy, drop, store { vec: vector<Element> }

    public fun is_some<Element>(o: &Option<Element>): bool { o.vec.length() == 1 }

    public fun destroy_some<Element>(o: Option<Element>): Element {
        let Option { mut vec } = o;
        let element = vec.pop_back();
        vec.destroy_empty();
        element
    }
}

module std::string {
    public struct String has copy, drop, store { bytes: vector<u8> }

    const EInvalidUTF8: u64 = 1;

    public fun utf8(bytes: vector<u8>): String {
        assert!(internal_check_utf8(&bytes), EInvalidUTF8);
        String { bytes }
    }

    public fun as_bytes(s: &String): &vector<u8> { &s.bytes }

    native fun internal_check_utf8(v: &vector<u8>): bool;
}

module std::bcs {
    public native fun to_bytes<T>(v: &T): vector<u8>;
}

#[test_only]
module std::unit_test {
    public native fun poison();
}
