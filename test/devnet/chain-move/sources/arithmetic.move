/// Every calculation of Move on every kind of integer, for comparison with a reference.
module playground::arithmetic;

public fun u8s(op: u8, a: u8, b: u8): u8 {
    if (op == 0) a + b else if (op == 1) a - b else if (op == 2) a * b else if (op == 3) a / b
    else if (op == 4) a % b else if (op == 5) a & b else if (op == 6) a | b else if (op == 7) a ^ b
    else if (op == 8) a << b else a >> b
}

public fun u16s(op: u8, a: u16, b: u16): u16 {
    if (op == 0) a + b else if (op == 1) a - b else if (op == 2) a * b else if (op == 3) a / b
    else if (op == 4) a % b else if (op == 5) a & b else if (op == 6) a | b else if (op == 7) a ^ b
    else if (op == 8) a << (b as u8) else a >> (b as u8)
}

public fun u32s(op: u8, a: u32, b: u32): u32 {
    if (op == 0) a + b else if (op == 1) a - b else if (op == 2) a * b else if (op == 3) a / b
    else if (op == 4) a % b else if (op == 5) a & b else if (op == 6) a | b else if (op == 7) a ^ b
    else if (op == 8) a << (b as u8) else a >> (b as u8)
}

public fun u64s(op: u8, a: u64, b: u64): u64 {
    if (op == 0) a + b else if (op == 1) a - b else if (op == 2) a * b else if (op == 3) a / b
    else if (op == 4) a % b else if (op == 5) a & b else if (op == 6) a | b else if (op == 7) a ^ b
    else if (op == 8) a << (b as u8) else a >> (b as u8)
}

public fun u128s(op: u8, a: u128, b: u128): u128 {
    if (op == 0) a + b else if (op == 1) a - b else if (op == 2) a * b else if (op == 3) a / b
    else if (op == 4) a % b else if (op == 5) a & b else if (op == 6) a | b else if (op == 7) a ^ b
    else if (op == 8) a << (b as u8) else a >> (b as u8)
}

public fun u256s(op: u8, a: u256, b: u256): u256 {
    if (op == 0) a + b else if (op == 1) a - b else if (op == 2) a * b else if (op == 3) a / b
    else if (op == 4) a % b else if (op == 5) a & b else if (op == 6) a | b else if (op == 7) a ^ b
    else if (op == 8) a << (b as u8) else a >> (b as u8)
}

public fun order(a: u64, b: u64): vector<bool> {
    vector[a < b, a > b, a <= b, a >= b, a == b, a != b, a < b && a != b, a < b || a > b, !(a < b)]
}

/// Sorts in place, so that references to elements, swaps and loops are used.
public fun sorted(mut v: vector<u64>): vector<u64> {
    let mut i = 1;
    while (i < v.length()) {
        let mut k = i;
        while (k > 0 && v[k - 1] > v[k]) {
            v.swap(k - 1, k);
            k = k - 1;
        };
        i = i + 1;
    };
    v
}

public fun reversed(v: vector<u8>): vector<u8> {
    let mut out = v;
    out.reverse();
    let last = out.length();
    if (last > 0) *&mut out[0] = out[0] ^ 255;
    out
}

public fun same(a: vector<vector<u8>>, b: vector<vector<u8>>): bool { a == b }
