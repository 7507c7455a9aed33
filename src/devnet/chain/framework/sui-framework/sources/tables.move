/// Large maps: each entry is a dynamic field.
module sui::table {
    use sui::dynamic_field as field;

    public struct Table<phantom K: copy + drop + store, phantom V: store> has key, store {
        id: UID,
        size: u64,
    }

    const ETableNotEmpty: u64 = 0;

    public fun new<K: copy + drop + store, V: store>(ctx: &mut TxContext): Table<K, V> {
        Table { id: object::new(ctx), size: 0 }
    }

    public fun add<K: copy + drop + store, V: store>(table: &mut Table<K, V>, k: K, v: V) {
        field::add(&mut table.id, k, v);
        table.size = table.size + 1;
    }

    #[syntax(index)]
    public fun borrow<K: copy + drop + store, V: store>(table: &Table<K, V>, k: K): &V {
        field::borrow(&table.id, k)
    }

    #[syntax(index)]
    public fun borrow_mut<K: copy + drop + store, V: store>(table: &mut Table<K, V>, k: K): &mut V {
        field::borrow_mut(&mut table.id, k)
    }

    public fun remove<K: copy + drop + store, V: store>(table: &mut Table<K, V>, k: K): V {
        let v = field::remove(&mut table.id, k);
        table.size = table.size - 1;
        v
    }

    public fun contains<K: copy + drop + store, V: store>(table: &Table<K, V>, k: K): bool {
        field::exists_with_type<K, V>(&table.id, k)
    }

    public fun length<K: copy + drop + store, V: store>(table: &Table<K, V>): u64 { table.size }

    public fun is_empty<K: copy + drop + store, V: store>(table: &Table<K, V>): bool { table.size == 0 }

    public fun destroy_empty<K: copy + drop + store, V: store>(table: Table<K, V>) {
        let Table { id, size } = table;
        assert!(size == 0, ETableNotEmpty);
        id.delete()
    }
}

/// Large maps of objects that keep their own id.
module sui::object_table {
    use sui::dynamic_object_field as field;

    public struct ObjectTable<phantom K: copy + drop + store, phantom V: key + store> has key, store {
        id: UID,
        size: u64,
    }

    const ETableNotEmpty: u64 = 0;

    public fun new<K: copy + drop + store, V: key + store>(ctx: &mut TxContext): ObjectTable<K, V> {
        ObjectTable { id: object::new(ctx), size: 0 }
    }

    public fun add<K: copy + drop + store, V: key + store>(table: &mut ObjectTable<K, V>, k: K, v: V) {
        field::add(&mut table.id, k, v);
        table.size = table.size + 1;
    }

    #[syntax(index)]
    public fun borrow<K: copy + drop + store, V: key + store>(table: &ObjectTable<K, V>, k: K): &V {
        field::borrow(&table.id, k)
    }

    #[syntax(index)]
    public fun borrow_mut<K: copy + drop + store, V: key + store>(
        table: &mut ObjectTable<K, V>,
        k: K,
    ): &mut V {
        field::borrow_mut(&mut table.id, k)
    }

    public fun remove<K: copy + drop + store, V: key + store>(table: &mut ObjectTable<K, V>, k: K): V {
        let v = field::remove(&mut table.id, k);
        table.size = table.size - 1;
        v
    }

    public fun contains<K: copy + drop + store, V: key + store>(table: &ObjectTable<K, V>, k: K): bool {
        field::exists_<K>(&table.id, k)
    }

    public fun length<K: copy + drop + store, V: key + store>(table: &ObjectTable<K, V>): u64 {
        table.size
    }

    public fun destroy_empty<K: copy + drop + store, V: key + store>(table: ObjectTable<K, V>) {
        let ObjectTable { id, size } = table;
        assert!(size == 0, ETableNotEmpty);
        id.delete()
    }
}

/// Maps of values of many types.
module sui::bag {
    use sui::dynamic_field as field;

    public struct Bag has key, store { id: UID, size: u64 }

    const EBagNotEmpty: u64 = 0;

    public fun new(ctx: &mut TxContext): Bag { Bag { id: object::new(ctx), size: 0 } }

    public fun add<K: copy + drop + store, V: store>(bag: &mut Bag, k: K, v: V) {
        field::add(&mut bag.id, k, v);
        bag.size = bag.size + 1;
    }

    #[syntax(index)]
    public fun borrow<K: copy + drop + store, V: store>(bag: &Bag, k: K): &V { field::borrow(&bag.id, k) }

    #[syntax(index)]
    public fun borrow_mut<K: copy + drop + store, V: store>(bag: &mut Bag, k: K): &mut V {
        field::borrow_mut(&mut bag.id, k)
    }

    public fun remove<K: copy + drop + store, V: store>(bag: &mut Bag, k: K): V {
        let v = field::remove(&mut bag.id, k);
        bag.size = bag.size - 1;
        v
    }

    public fun contains<K: copy + drop + store>(bag: &Bag, k: K): bool { field::exists_<K>(&bag.id, k) }

    public fun length(bag: &Bag): u64 { bag.size }

    public fun is_empty(bag: &Bag): bool { bag.size == 0 }

    public fun destroy_empty(bag: Bag) {
        let Bag { id, size } = bag;
        assert!(size == 0, EBagNotEmpty);
        id.delete()
    }
}
