/// Small maps, kept in one vector.
module sui::vec_map {
    public struct VecMap<K: copy, V> has copy, drop, store { contents: vector<Entry<K, V>> }

    public struct Entry<K: copy, V> has copy, drop, store { key: K, value: V }

    const EKeyAlreadyExists: u64 = 0;
    const EKeyDoesNotExist: u64 = 1;
    const EMapNotEmpty: u64 = 2;
    const EIndexOutOfBounds: u64 = 3;
    const EUnequalLengths: u64 = 5;

    public fun empty<K: copy, V>(): VecMap<K, V> { VecMap { contents: vector[] } }

    public fun insert<K: copy, V>(self: &mut VecMap<K, V>, key: K, value: V) {
        assert!(!self.contains(&key), EKeyAlreadyExists);
        self.contents.push_back(Entry { key, value })
    }

    public fun remove<K: copy, V>(self: &mut VecMap<K, V>, key: &K): (K, V) {
        let i = self.get_idx(key);
        let Entry { key, value } = self.contents.remove(i);
        (key, value)
    }

    public fun pop<K: copy, V>(self: &mut VecMap<K, V>): (K, V) {
        assert!(self.contents.length() != 0, EMapNotEmpty);
        let Entry { key, value } = self.contents.pop_back();
        (key, value)
    }

    #[syntax(index)]
    public fun get_mut<K: copy, V>(self: &mut VecMap<K, V>, key: &K): &mut V {
        let i = self.get_idx(key);
        &mut self.contents[i].value
    }

    #[syntax(index)]
    public fun get<K: copy, V>(self: &VecMap<K, V>, key: &K): &V {
        let i = self.get_idx(key);
        &self.contents[i].value
    }

    public fun try_get<K: copy, V: copy>(self: &VecMap<K, V>, key: &K): Option<V> {
        if (self.contains(key)) option::some(*self.get(key)) else option::none()
    }

    public fun contains<K: copy, V>(self: &VecMap<K, V>, key: &K): bool {
        self.get_idx_opt(key).is_some()
    }

    public fun length<K: copy, V>(self: &VecMap<K, V>): u64 { self.contents.length() }

    public fun size<K: copy, V>(self: &VecMap<K, V>): u64 { self.contents.length() }

    public fun is_empty<K: copy, V>(self: &VecMap<K, V>): bool { self.contents.is_empty() }

    public fun destroy_empty<K: copy, V>(self: VecMap<K, V>) {
        let VecMap { contents } = self;
        assert!(contents.is_empty(), EMapNotEmpty);
        contents.destroy_empty()
    }

    public fun into_keys_values<K: copy, V>(self: VecMap<K, V>): (vector<K>, vector<V>) {
        let VecMap { mut contents } = self;
        contents.reverse();
        let mut keys = vector[];
        let mut values = vector[];
        while (!contents.is_empty()) {
            let Entry { key, value } = contents.pop_back();
            keys.push_back(key);
            values.push_back(value);
        };
        contents.destroy_empty();
        (keys, values)
    }

    public fun from_keys_values<K: copy, V>(mut keys: vector<K>, mut values: vector<V>): VecMap<K, V> {
        assert!(keys.length() == values.length(), EUnequalLengths);
        keys.reverse();
        values.reverse();
        let mut map = empty();
        while (!keys.is_empty()) map.insert(keys.pop_back(), values.pop_back());
        keys.destroy_empty();
        values.destroy_empty();
        map
    }

    public fun keys<K: copy, V>(self: &VecMap<K, V>): vector<K> {
        let mut keys = vector[];
        let mut i = 0;
        while (i < self.contents.length()) {
            keys.push_back(self.contents[i].key);
            i = i + 1;
        };
        keys
    }

    public fun get_idx_opt<K: copy, V>(self: &VecMap<K, V>, key: &K): Option<u64> {
        let mut i = 0;
        let count = self.contents.length();
        while (i < count) {
            if (&self.contents[i].key == key) return option::some(i);
            i = i + 1;
        };
        option::none()
    }

    public fun get_idx<K: copy, V>(self: &VecMap<K, V>, key: &K): u64 {
        let found = self.get_idx_opt(key);
        assert!(found.is_some(), EKeyDoesNotExist);
        found.destroy_some()
    }

    public fun get_entry_by_idx<K: copy, V>(self: &VecMap<K, V>, i: u64): (&K, &V) {
        assert!(i < self.contents.length(), EIndexOutOfBounds);
        let entry = &self.contents[i];
        (&entry.key, &entry.value)
    }

    public fun get_entry_by_idx_mut<K: copy, V>(self: &mut VecMap<K, V>, i: u64): (&K, &mut V) {
        assert!(i < self.contents.length(), EIndexOutOfBounds);
        let entry = &mut self.contents[i];
        (&entry.key, &mut entry.value)
    }

    public fun remove_entry_by_idx<K: copy, V>(self: &mut VecMap<K, V>, i: u64): (K, V) {
        assert!(i < self.contents.length(), EIndexOutOfBounds);
        let Entry { key, value } = self.contents.remove(i);
        (key, value)
    }
}

/// Small sets, kept in one vector.
module sui::vec_set {
    public struct VecSet<K: copy + drop> has copy, drop, store { contents: vector<K> }

    const EKeyAlreadyExists: u64 = 0;
    const EKeyDoesNotExist: u64 = 1;

    public fun empty<K: copy + drop>(): VecSet<K> { VecSet { contents: vector[] } }

    public fun singleton<K: copy + drop>(key: K): VecSet<K> { VecSet { contents: vector[key] } }

    public fun insert<K: copy + drop>(self: &mut VecSet<K>, key: K) {
        assert!(!self.contains(&key), EKeyAlreadyExists);
        self.contents.push_back(key)
    }

    public fun remove<K: copy + drop>(self: &mut VecSet<K>, key: &K) {
        let (found, i) = self.contents.index_of(key);
        assert!(found, EKeyDoesNotExist);
        self.contents.remove(i);
    }

    public fun contains<K: copy + drop>(self: &VecSet<K>, key: &K): bool { self.contents.contains(key) }

    public fun length<K: copy + drop>(self: &VecSet<K>): u64 { self.contents.length() }

    public fun size<K: copy + drop>(self: &VecSet<K>): u64 { self.contents.length() }

    public fun is_empty<K: copy + drop>(self: &VecSet<K>): bool { self.contents.is_empty() }

    public fun into_keys<K: copy + drop>(self: VecSet<K>): vector<K> {
        let VecSet { contents } = self;
        contents
    }

    public fun keys<K: copy + drop>(self: &VecSet<K>): &vector<K> { &self.contents }
}
