// What the manifest links against in Sui's package 0x2, as far as it uses it (see move-stdlib).

module sui::object {
    public use fun uid_to_inner as UID.to_inner;
    public use fun uid_to_address as UID.to_address;

    public struct ID has copy, drop, store { bytes: address }
    public struct UID has store { id: ID }

    public fun new(ctx: &mut TxContext): UID {
        UID { id: ID { bytes: ctx.fresh_object_address() } }
    }

    public fun delete(id: UID) {
        let UID { id: ID { bytes } } = id;
        delete_impl(bytes)
    }

    public fun uid_to_inner(uid: &UID): ID { uid.id }
    public fun uid_to_address(uid: &UID): address { uid.id.bytes }
    public fun id<T: key>(object: &T): ID { borrow_uid(object).id }

    /// The verifier lets nothing of another name make one.
    public(package) fun new_uid_from_hash(bytes: address): UID {
        record_new_uid(bytes);
        UID { id: ID { bytes } }
    }

    native fun borrow_uid<T: key>(object: &T): &UID;
    native fun record_new_uid(id: address);
    native fun delete_impl(id: address);
}

module sui::tx_context {
    #[allow(unused_field)]
    public struct TxContext has drop {
        sender: address,
        tx_hash: vector<u8>,
        epoch: u64,
        epoch_timestamp_ms: u64,
        ids_created: u64,
    }

    public fun sender(_: &TxContext): address { native_sender() }
    public fun fresh_object_address(_: &mut TxContext): address { fresh_id() }

    native fun native_sender(): address;
    native fun fresh_id(): address;

    #[test_only]
    native fun replace(
        sender: address,
        tx_hash: vector<u8>,
        epoch: u64,
        epoch_timestamp_ms: u64,
        ids_created: u64,
        reference_gas_price: u64,
        gas_price: u64,
        gas_budget: u64,
        sponsor: vector<address>,
    );

    #[test_only]
    /// The context of the nth transaction of a test.
    public fun for_testing(sender: address, nth: u64): TxContext {
        let mut tx_hash = std::bcs::to_bytes(&nth);
        while (tx_hash.length() < 32) tx_hash.push_back(0);
        replace(sender, tx_hash, 0, 0, 0, 1000, 1000, 100_000_000, vector[]);
        TxContext { sender: @0x0, tx_hash, epoch: 0, epoch_timestamp_ms: 0, ids_created: 0 }
    }
}

module sui::transfer {
    public fun transfer<T: key>(object: T, recipient: address) { transfer_impl(object, recipient) }

    public fun public_transfer<T: key + store>(object: T, recipient: address) {
        transfer_impl(object, recipient)
    }

    public fun share_object<T: key>(object: T) { share_object_impl(object) }
    public fun freeze_object<T: key>(object: T) { freeze_object_impl(object) }

    public(package) native fun freeze_object_impl<T: key>(object: T);
    public(package) native fun share_object_impl<T: key>(object: T);
    public(package) native fun transfer_impl<T: key>(object: T, recipient: address);
}

module sui::event {
    public native fun emit<T: copy + drop>(event: T);

    #[test_only]
    public native fun events_by_type<T: copy + drop>(): vector<T>;
}

module sui::clock {
    public struct Clock has key { id: UID, timestamp_ms: u64 }

    public fun timestamp_ms(clock: &Clock): u64 { clock.timestamp_ms }

    #[test_only]
    public fun create_for_testing(ctx: &mut TxContext): Clock {
        Clock { id: object::new(ctx), timestamp_ms: 0 }
    }

    #[test_only]
    public fun increment_for_testing(clock: &mut Clock, ms: u64) {
        clock.timestamp_ms = clock.timestamp_ms + ms
    }

    #[test_only]
    public fun destroy_for_testing(clock: Clock) {
        let Clock { id, timestamp_ms: _ } = clock;
        id.delete()
    }
}

module sui::dynamic_field {
    public struct Field<Name: copy + drop + store, Value: store> has key {
        id: UID,
        name: Name,
        value: Value,
    }

    const EFieldAlreadyExists: u64 = 0;

    public fun add<Name: copy + drop + store, Value: store>(
        object: &mut UID,
        name: Name,
        value: Value,
    ) {
        let parent = object.to_address();
        let hash = hash_type_and_key(parent, name);
        assert!(!has_child_object(parent, hash), EFieldAlreadyExists);
        add_child_object(parent, Field { id: object::new_uid_from_hash(hash), name, value })
    }

    public fun borrow<Name: copy + drop + store, Value: store>(object: &UID, name: Name): &Value {
        let hash = hash_type_and_key(object.to_address(), name);
        let field = borrow_child_object<Field<Name, Value>>(object, hash);
        &field.value
    }

    public fun borrow_mut<Name: copy + drop + store, Value: store>(
        object: &mut UID,
        name: Name,
    ): &mut Value {
        let hash = hash_type_and_key(object.to_address(), name);
        let field = borrow_child_object_mut<Field<Name, Value>>(object, hash);
        &mut field.value
    }

    public fun remove<Name: copy + drop + store, Value: store>(object: &mut UID, name: Name): Value {
        let parent = object.to_address();
        let hash = hash_type_and_key(parent, name);
        let Field { id, name: _, value } = remove_child_object<Field<Name, Value>>(parent, hash);
        id.delete();
        value
    }

    public fun exists_<Name: copy + drop + store>(object: &UID, name: Name): bool {
        let parent = object.to_address();
        has_child_object(parent, hash_type_and_key(parent, name))
    }

    native fun hash_type_and_key<K: copy + drop + store>(parent: address, k: K): address;
    native fun add_child_object<Child: key>(parent: address, child: Child);
    native fun borrow_child_object<Child: key>(object: &UID, id: address): &Child;
    native fun borrow_child_object_mut<Child: key>(object: &mut UID, id: address): &mut Child;
    native fun remove_child_object<Child: key>(parent: address, id: address): Child;
    native fun has_child_object(parent: address, id: address): bool;
}

module sui::vec_set {
    public struct VecSet<K: copy + drop> has copy, drop, store { contents: vector<K> }

    const EKeyAlreadyExists: u64 = 0;
    const EKeyDoesNotExist: u64 = 1;

    public fun singleton<K: copy + drop>(key: K): VecSet<K> { VecSet { contents: vector[key] } }
    public fun length<K: copy + drop>(set: &VecSet<K>): u64 { set.contents.length() }

    public fun contains<K: copy + drop>(set: &VecSet<K>, key: &K): bool {
        set.find(key) < set.length()
    }

    public fun insert<K: copy + drop>(set: &mut VecSet<K>, key: K) {
        assert!(!set.contains(&key), EKeyAlreadyExists);
        set.contents.push_back(key)
    }

    public fun remove<K: copy + drop>(set: &mut VecSet<K>, key: &K) {
        let mut i = set.find(key);
        assert!(i < set.length(), EKeyDoesNotExist);
        while (i + 1 < set.length()) {
            set.contents.swap(i, i + 1);
            i = i + 1
        };
        set.contents.pop_back();
    }

    /// The key's index, or the length.
    fun find<K: copy + drop>(set: &VecSet<K>, key: &K): u64 {
        let mut i = 0;
        while (i < set.length() && &set.contents[i] != key) i = i + 1;
        i
    }
}

#[test_only]
module sui::vec_map {
    public struct Entry<K: copy, V> has copy, drop, store { key: K, value: V }
    public struct VecMap<K: copy, V> has copy, drop, store { contents: vector<Entry<K, V>> }
}

#[test_only]
module sui::test_scenario {
    use sui::vec_map::VecMap;

    const ENotTaken: u64 = 1;

    public struct Scenario { transactions: u64, ctx: TxContext }

    // The test machine builds this value itself, field by field.
    #[allow(unused_field)]
    public struct TransactionEffects has drop {
        created: vector<ID>,
        written: vector<ID>,
        deleted: vector<ID>,
        transferred_to_account: VecMap<ID, address>,
        transferred_to_object: VecMap<ID, ID>,
        shared: vector<ID>,
        frozen: vector<ID>,
        num_user_events: u64,
    }

    public fun begin(sender: address): Scenario {
        Scenario { transactions: 0, ctx: sui::tx_context::for_testing(sender, 0) }
    }

    public fun ctx(scenario: &mut Scenario): &mut TxContext { &mut scenario.ctx }

    public fun next_tx(scenario: &mut Scenario, sender: address): TransactionEffects {
        scenario.transactions = scenario.transactions + 1;
        let effects = end_transaction();
        scenario.ctx = sui::tx_context::for_testing(sender, scenario.transactions);
        effects
    }

    public fun end(scenario: Scenario): TransactionEffects {
        let Scenario { transactions: _, ctx: _ } = scenario;
        end_transaction()
    }

    public fun deleted(effects: &TransactionEffects): vector<ID> { effects.deleted }
    public fun frozen(effects: &TransactionEffects): vector<ID> { effects.frozen }

    public fun take_from_sender<T: key>(scenario: &Scenario): T {
        let owner = scenario.ctx.sender();
        let id = most_recent_id_for_address<T>(owner).destroy_some();
        take_from_address_by_id(scenario, owner, id)
    }

    public fun return_to_sender<T: key>(scenario: &Scenario, object: T) {
        let owner = scenario.ctx.sender();
        assert!(was_taken_from_address(owner, object::id(&object)), ENotTaken);
        sui::transfer::transfer_impl(object, owner)
    }

    public fun take_shared<T: key>(scenario: &Scenario): T {
        take_shared_by_id(scenario, most_recent_id_shared<T>().destroy_some())
    }

    public fun return_shared<T: key>(object: T) {
        assert!(was_taken_shared(object::id(&object)), ENotTaken);
        sui::transfer::share_object_impl(object)
    }

    public fun has_most_recent_shared<T: key>(): bool { most_recent_id_shared<T>().is_some() }

    public fun take_immutable<T: key>(scenario: &Scenario): T {
        take_immutable_by_id(scenario, most_recent_immutable_id<T>().destroy_some())
    }

    public fun return_immutable<T: key>(object: T) {
        assert!(was_taken_immutable(object::id(&object)), ENotTaken);
        sui::transfer::freeze_object_impl(object)
    }

    public native fun take_from_address_by_id<T: key>(
        scenario: &Scenario,
        account: address,
        id: ID,
    ): T;
    public native fun most_recent_id_for_address<T: key>(account: address): Option<ID>;
    public native fun take_immutable_by_id<T: key>(scenario: &Scenario, id: ID): T;
    public native fun most_recent_immutable_id<T: key>(): Option<ID>;
    public native fun take_shared_by_id<T: key>(scenario: &Scenario, id: ID): T;
    public native fun most_recent_id_shared<T: key>(): Option<ID>;
    native fun was_taken_from_address(account: address, id: ID): bool;
    native fun was_taken_immutable(id: ID): bool;
    native fun was_taken_shared(id: ID): bool;
    native fun end_transaction(): TransactionEffects;
}
