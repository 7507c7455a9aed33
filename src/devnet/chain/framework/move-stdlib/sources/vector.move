/// Vectors. Names, signatures and abort behaviour are those of Sui's `std`; the bodies are the devnet's own.
#[defines_primitive(vector)]
module std::vector;

const EIndexOutOfBounds: u64 = 0x20000;

#[bytecode_instruction]
public native fun empty<Element>(): vector<Element>;

#[bytecode_instruction]
public native fun length<Element>(v: &vector<Element>): u64;

#[syntax(index)]
#[bytecode_instruction]
public native fun borrow<Element>(v: &vector<Element>, i: u64): &Element;

#[syntax(index)]
#[bytecode_instruction]
public native fun borrow_mut<Element>(v: &mut vector<Element>, i: u64): &mut Element;

#[bytecode_instruction]
public native fun push_back<Element>(v: &mut vector<Element>, e: Element);

#[bytecode_instruction]
public native fun pop_back<Element>(v: &mut vector<Element>): Element;

#[bytecode_instruction]
public native fun destroy_empty<Element>(v: vector<Element>);

#[bytecode_instruction]
public native fun swap<Element>(v: &mut vector<Element>, i: u64, j: u64);

public use fun std::string::utf8 as vector.to_string;
public use fun std::string::try_utf8 as vector.try_to_string;
public use fun std::ascii::string as vector.to_ascii_string;

public fun singleton<Element>(e: Element): vector<Element> {
    let mut v = empty();
    v.push_back(e);
    v
}

public fun is_empty<Element>(v: &vector<Element>): bool { v.length() == 0 }

public fun contains<Element>(v: &vector<Element>, e: &Element): bool {
    let (found, _) = v.index_of(e);
    found
}

public fun index_of<Element>(v: &vector<Element>, e: &Element): (bool, u64) {
    let mut i = 0;
    let count = v.length();
    while (i < count) {
        if (&v[i] == e) return (true, i);
        i = i + 1;
    };
    (false, 0)
}

public fun reverse<Element>(v: &mut vector<Element>) {
    let count = v.length();
    let mut i = 0;
    while (i + 1 < count - i) {
        v.swap(i, count - i - 1);
        i = i + 1;
    }
}

public fun append<Element>(v: &mut vector<Element>, mut tail: vector<Element>) {
    tail.reverse();
    while (!tail.is_empty()) v.push_back(tail.pop_back());
    tail.destroy_empty();
}

public fun remove<Element>(v: &mut vector<Element>, i: u64): Element {
    let count = v.length();
    if (i >= count) abort EIndexOutOfBounds;
    let mut k = i;
    while (k + 1 < count) {
        v.swap(k, k + 1);
        k = k + 1;
    };
    v.pop_back()
}

public fun insert<Element>(v: &mut vector<Element>, e: Element, i: u64) {
    let count = v.length();
    if (i > count) abort EIndexOutOfBounds;
    v.push_back(e);
    let mut k = count;
    while (k > i) {
        v.swap(k - 1, k);
        k = k - 1;
    }
}

public fun swap_remove<Element>(v: &mut vector<Element>, i: u64): Element {
    assert!(!v.is_empty(), EIndexOutOfBounds);
    let last = v.length() - 1;
    v.swap(i, last);
    v.pop_back()
}
