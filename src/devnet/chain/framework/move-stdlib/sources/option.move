/// A value or nothing.
module std::option;

public struct Option<Element> has copy, drop, store { vec: vector<Element> }

const EOptionIsSet: u64 = 0x40000;
const EOptionNotSet: u64 = 0x40001;

public fun none<Element>(): Option<Element> { Option { vec: vector[] } }

public fun some<Element>(e: Element): Option<Element> { Option { vec: vector[e] } }

public fun is_none<Element>(t: &Option<Element>): bool { t.vec.is_empty() }

public fun is_some<Element>(t: &Option<Element>): bool { !t.vec.is_empty() }

public fun contains<Element>(t: &Option<Element>, e: &Element): bool { t.vec.contains(e) }

public fun borrow<Element>(t: &Option<Element>): &Element {
    assert!(t.is_some(), EOptionNotSet);
    &t.vec[0]
}

public fun borrow_mut<Element>(t: &mut Option<Element>): &mut Element {
    assert!(t.is_some(), EOptionNotSet);
    &mut t.vec[0]
}

public fun borrow_with_default<Element>(t: &Option<Element>, fallback: &Element): &Element {
    if (t.is_some()) &t.vec[0] else fallback
}

public fun get_with_default<Element: copy + drop>(t: &Option<Element>, fallback: Element): Element {
    if (t.is_some()) t.vec[0] else fallback
}

public fun fill<Element>(t: &mut Option<Element>, e: Element) {
    if (t.is_none()) t.vec.push_back(e) else abort EOptionIsSet
}

public fun extract<Element>(t: &mut Option<Element>): Element {
    assert!(t.is_some(), EOptionNotSet);
    t.vec.pop_back()
}

public fun swap<Element>(t: &mut Option<Element>, e: Element): Element {
    assert!(t.is_some(), EOptionNotSet);
    let old = t.vec.pop_back();
    t.vec.push_back(e);
    old
}

public fun swap_or_fill<Element>(t: &mut Option<Element>, e: Element): Option<Element> {
    let old = if (t.is_some()) some(t.vec.pop_back()) else none();
    t.vec.push_back(e);
    old
}

public fun destroy_with_default<Element: drop>(t: Option<Element>, fallback: Element): Element {
    let Option { mut vec } = t;
    if (vec.is_empty()) fallback else vec.pop_back()
}

public fun destroy_some<Element>(t: Option<Element>): Element {
    assert!(t.is_some(), EOptionNotSet);
    let Option { mut vec } = t;
    let e = vec.pop_back();
    vec.destroy_empty();
    e
}

public fun destroy_none<Element>(t: Option<Element>) {
    assert!(t.is_none(), EOptionIsSet);
    let Option { vec } = t;
    vec.destroy_empty()
}

public fun to_vec<Element>(t: Option<Element>): vector<Element> {
    let Option { vec } = t;
    vec
}
