/// Storage that is paid for ahead, epoch by epoch, in a ring.
module walrus::storage_accounting {
    use sui::balance::{Self, Balance};
    use wal::wal::WAL;

    const ETooFarInFuture: u64 = 3;

    public struct FutureAccounting has store {
        epoch: u32,
        used_capacity: u64,
        rewards_to_distribute: Balance<WAL>,
    }

    public struct FutureAccountingRingBuffer has store {
        current_index: u32,
        length: u32,
        ring_buffer: vector<FutureAccounting>,
    }

    public(package) fun ring_new(first_epoch: u32, length: u32): FutureAccountingRingBuffer {
        let mut ring_buffer = vector[];
        let mut i = 0;
        while (i < length) {
            ring_buffer.push_back(empty(first_epoch + i));
            i = i + 1;
        };
        FutureAccountingRingBuffer { current_index: 0, length, ring_buffer }
    }

    public fun max_epochs_ahead(self: &FutureAccountingRingBuffer): u32 { self.length }

    public(package) fun ring_lookup_mut(
        self: &mut FutureAccountingRingBuffer,
        epochs_in_future: u32,
    ): &mut FutureAccounting {
        assert!(epochs_in_future < self.length, ETooFarInFuture);
        let i = (epochs_in_future + self.current_index) % self.length;
        &mut self.ring_buffer[i as u64]
    }

    /// Takes the current epoch out and opens one more at the far end.
    public(package) fun ring_pop_expand(self: &mut FutureAccountingRingBuffer): FutureAccounting {
        let i = self.current_index as u64;
        let epoch = self.ring_buffer[i].epoch;
        self.ring_buffer.push_back(empty(epoch + self.length));
        self.current_index = (self.current_index + 1) % self.length;
        self.ring_buffer.swap_remove(i)
    }

    public(package) fun used_capacity(self: &FutureAccounting): u64 { self.used_capacity }

    public(package) fun increase_used_capacity(self: &mut FutureAccounting, amount: u64): u64 {
        self.used_capacity = self.used_capacity + amount;
        self.used_capacity
    }

    public(package) fun rewards_balance(self: &mut FutureAccounting): &mut Balance<WAL> {
        &mut self.rewards_to_distribute
    }

    public(package) fun unwrap_balance(self: FutureAccounting): Balance<WAL> {
        let FutureAccounting { epoch: _, used_capacity: _, rewards_to_distribute } = self;
        rewards_to_distribute
    }

    fun empty(epoch: u32): FutureAccounting {
        FutureAccounting { epoch, used_capacity: 0, rewards_to_distribute: balance::zero() }
    }
}

/// Certification of the blobs in which nodes keep the events. The devnet has none; only the layout is here.
module walrus::event_blob {
    use sui::vec_map::{Self, VecMap};

    public struct EventBlob has copy, drop, store {
        blob_id: u256,
        ending_checkpoint_sequence_number: u64,
    }

    public struct EventBlobCertificationState has store {
        latest_certified_blob: Option<EventBlob>,
        aggregate_weight_per_blob: VecMap<EventBlob, u16>,
    }

    public(package) fun create_with_empty_state(): EventBlobCertificationState {
        EventBlobCertificationState {
            latest_certified_blob: option::none(),
            aggregate_weight_per_blob: vec_map::empty(),
        }
    }
}

/// The state of the storage system, behind the version of `System`.
module walrus::system_state_inner {
    use sui::balance::Balance;
    use sui::coin::Coin;
    use sui::vec_map::{Self, VecMap};
    use wal::wal::WAL;
    use walrus::blob::{Self, Blob};
    use walrus::bls_aggregate::BlsCommittee;
    use walrus::event_blob::{Self, EventBlobCertificationState};
    use walrus::events;
    use walrus::extended_field::{Self, ExtendedField};
    use walrus::storage_accounting::{Self, FutureAccountingRingBuffer};
    use walrus::storage_resource::{Self, Storage};

    const BYTES_PER_UNIT_SIZE: u64 = 1024 * 1024;

    const EStorageExceeded: u64 = 1;
    const EInvalidEpochsAhead: u64 = 2;
    const EInvalidIdEpoch: u64 = 3;
    const EInvalidResourceSize: u64 = 11;

    public struct SystemStateInnerV1 has store {
        committee: BlsCommittee,
        total_capacity_size: u64,
        used_capacity_size: u64,
        storage_price_per_unit_size: u64,
        write_price_per_unit_size: u64,
        future_accounting: FutureAccountingRingBuffer,
        event_blob_certification_state: EventBlobCertificationState,
        deny_list_sizes: ExtendedField<VecMap<ID, u64>>,
    }

    public(package) fun create(
        committee: BlsCommittee,
        total_capacity_size: u64,
        storage_price_per_unit_size: u64,
        write_price_per_unit_size: u64,
        max_epochs_ahead: u32,
        ctx: &mut TxContext,
    ): SystemStateInnerV1 {
        SystemStateInnerV1 {
            future_accounting: storage_accounting::ring_new(committee.epoch(), max_epochs_ahead),
            committee,
            total_capacity_size,
            used_capacity_size: 0,
            storage_price_per_unit_size,
            write_price_per_unit_size,
            event_blob_certification_state: event_blob::create_with_empty_state(),
            deny_list_sizes: extended_field::new(vec_map::empty(), ctx),
        }
    }

    /// The same nodes go on. Returns what they earned in the epoch that ends.
    public(package) fun advance_epoch(self: &mut SystemStateInnerV1): Balance<WAL> {
        self.committee.advance();
        let ended = self.future_accounting.ring_pop_expand();
        self.used_capacity_size = self.future_accounting.ring_lookup_mut(0).used_capacity();
        ended.unwrap_balance()
    }

    public(package) fun reserve_space(
        self: &mut SystemStateInnerV1,
        storage_amount: u64,
        epochs_ahead: u32,
        payment: &mut Coin<WAL>,
        ctx: &mut TxContext,
    ): Storage {
        assert!(epochs_ahead > 0, EInvalidEpochsAhead);
        assert!(epochs_ahead <= self.future_accounting.max_epochs_ahead(), EInvalidEpochsAhead);
        let start = self.epoch();
        self.reserve_space_for_epochs(storage_amount, start, start + epochs_ahead, payment, ctx)
    }

    public(package) fun reserve_space_for_epochs(
        self: &mut SystemStateInnerV1,
        storage_amount: u64,
        start_epoch: u32,
        end_epoch: u32,
        payment: &mut Coin<WAL>,
        ctx: &mut TxContext,
    ): Storage {
        let current = self.epoch();
        let start = start_epoch.max(current);
        assert!(end_epoch > start, EInvalidEpochsAhead);
        let (from, to) = (start - current, end_epoch - current);
        assert!(to <= self.future_accounting.max_epochs_ahead(), EInvalidEpochsAhead);
        self.process_storage_payments(storage_amount, from, to, payment);
        assert!(storage_amount > 0, EInvalidResourceSize);
        self.use_capacity(storage_amount, from, to);
        storage_resource::create_storage(start, end_epoch, storage_amount, ctx)
    }

    public(package) fun register_blob(
        self: &mut SystemStateInnerV1,
        storage: Storage,
        blob_id: u256,
        root_hash: u256,
        size: u64,
        encoding_type: u8,
        deletable: bool,
        write_payment: &mut Coin<WAL>,
        ctx: &mut TxContext,
    ): Blob {
        let n_shards = self.n_shards();
        let blob = blob::new(
            storage,
            blob_id,
            root_hash,
            size,
            encoding_type,
            deletable,
            self.epoch(),
            n_shards,
            ctx,
        );
        let price = self.write_price(blob.encoded_size(n_shards));
        let payment = write_payment.balance_mut().split(price);
        self.future_accounting.ring_lookup_mut(0).rewards_balance().join(payment);
        blob
    }

    public(package) fun certify_blob(
        self: &SystemStateInnerV1,
        blob: &mut Blob,
        signature: vector<u8>,
        signers_bitmap: vector<u8>,
        message: vector<u8>,
    ) {
        let certified = self.committee.verify_quorum_in_epoch(signature, signers_bitmap, message);
        assert!(certified.cert_epoch() == self.epoch(), EInvalidIdEpoch);
        blob.certify_with_certified_msg(self.epoch(), certified.certify_blob_message())
    }

    public(package) fun invalidate_blob_id(
        self: &SystemStateInnerV1,
        signature: vector<u8>,
        members_bitmap: vector<u8>,
        message: vector<u8>,
    ): u256 {
        let certified = self.committee.verify_one_correct_node_in_epoch(
            signature,
            members_bitmap,
            message,
        );
        let epoch = certified.cert_epoch();
        assert!(epoch == self.epoch(), EInvalidIdEpoch);
        let blob_id = certified.invalid_blob_id_message();
        events::emit_invalid_blob_id(epoch, blob_id);
        blob_id
    }

    public(package) fun delete_blob(self: &SystemStateInnerV1, blob: Blob): Storage {
        blob.delete(self.epoch())
    }

    public(package) fun extend_blob_with_resource(
        self: &SystemStateInnerV1,
        blob: &mut Blob,
        extension: Storage,
    ) {
        blob.extend_with_resource(extension, self.epoch())
    }

    public(package) fun extend_blob(
        self: &mut SystemStateInnerV1,
        blob: &mut Blob,
        extended_epochs: u32,
        payment: &mut Coin<WAL>,
    ) {
        blob.assert_certified_not_expired(self.epoch());
        let from = blob.end_epoch() - self.epoch();
        let to = from + extended_epochs;
        assert!(extended_epochs > 0, EInvalidEpochsAhead);
        assert!(to <= self.future_accounting.max_epochs_ahead(), EInvalidEpochsAhead);
        let amount = blob.storage().size();
        self.process_storage_payments(amount, from, to, payment);
        self.use_capacity(amount, from, to);
        blob.storage_mut().extend_end_epoch(extended_epochs);
        blob.emit_certified(true);
    }

    public(package) fun epoch(self: &SystemStateInnerV1): u32 { self.committee.epoch() }

    public(package) fun n_shards(self: &SystemStateInnerV1): u16 { self.committee.n_shards() }

    public(package) fun committee(self: &SystemStateInnerV1): &BlsCommittee { &self.committee }

    public(package) fun total_capacity_size(self: &SystemStateInnerV1): u64 { self.total_capacity_size }

    public(package) fun used_capacity_size(self: &SystemStateInnerV1): u64 { self.used_capacity_size }

    public(package) fun write_price(self: &SystemStateInnerV1, size: u64): u64 {
        self.write_price_per_unit_size * size.divide_and_round_up(BYTES_PER_UNIT_SIZE)
    }

    fun process_storage_payments(
        self: &mut SystemStateInnerV1,
        size: u64,
        from: u32,
        to: u32,
        payment: &mut Coin<WAL>,
    ) {
        let price = self.storage_price_per_unit_size * size.divide_and_round_up(BYTES_PER_UNIT_SIZE);
        let mut i = from;
        while (i < to) {
            let epoch_payment = payment.balance_mut().split(price);
            self.future_accounting.ring_lookup_mut(i).rewards_balance().join(epoch_payment);
            i = i + 1;
        }
    }

    fun use_capacity(self: &mut SystemStateInnerV1, amount: u64, from: u32, to: u32) {
        let mut i = from;
        while (i < to) {
            let used = self.future_accounting.ring_lookup_mut(i).increase_used_capacity(amount);
            if (i == 0) self.used_capacity_size = used;
            assert!(used <= self.total_capacity_size, EStorageExceeded);
            i = i + 1;
        }
    }
}

/// The one shared object through which storage is bought and blobs are registered.
module walrus::system {
    use sui::coin::Coin;
    use sui::dynamic_field;
    use wal::wal::WAL;
    use walrus::blob::Blob;
    use walrus::storage_resource::Storage;
    use walrus::system_state_inner::SystemStateInnerV1;

    const EWrongVersion: u64 = 1;

    public struct System has key {
        id: UID,
        version: u64,
        package_id: ID,
        new_package_id: Option<ID>,
    }

    public(package) fun create(inner: SystemStateInnerV1, package_id: ID, ctx: &mut TxContext) {
        let version = package_version();
        let mut id = object::new(ctx);
        dynamic_field::add(&mut id, version, inner);
        transfer::share_object(System { id, version, package_id, new_package_id: option::none() })
    }

    public fun reserve_space(
        self: &mut System,
        storage_amount: u64,
        epochs_ahead: u32,
        payment: &mut Coin<WAL>,
        ctx: &mut TxContext,
    ): Storage {
        self.inner_mut().reserve_space(storage_amount, epochs_ahead, payment, ctx)
    }

    public fun reserve_space_for_epochs(
        self: &mut System,
        storage_amount: u64,
        start_epoch: u32,
        end_epoch: u32,
        payment: &mut Coin<WAL>,
        ctx: &mut TxContext,
    ): Storage {
        self
            .inner_mut()
            .reserve_space_for_epochs(storage_amount, start_epoch, end_epoch, payment, ctx)
    }

    public fun register_blob(
        self: &mut System,
        storage: Storage,
        blob_id: u256,
        root_hash: u256,
        size: u64,
        encoding_type: u8,
        deletable: bool,
        write_payment: &mut Coin<WAL>,
        ctx: &mut TxContext,
    ): Blob {
        self
            .inner_mut()
            .register_blob(
                storage,
                blob_id,
                root_hash,
                size,
                encoding_type,
                deletable,
                write_payment,
                ctx,
            )
    }

    public fun certify_blob(
        self: &System,
        blob: &mut Blob,
        signature: vector<u8>,
        signers_bitmap: vector<u8>,
        message: vector<u8>,
    ) {
        self.inner().certify_blob(blob, signature, signers_bitmap, message)
    }

    public fun invalidate_blob_id(
        system: &System,
        signature: vector<u8>,
        members_bitmap: vector<u8>,
        message: vector<u8>,
    ): u256 {
        system.inner().invalidate_blob_id(signature, members_bitmap, message)
    }

    public fun delete_blob(self: &System, blob: Blob): Storage { self.inner().delete_blob(blob) }

    public fun extend_blob_with_resource(self: &System, blob: &mut Blob, extension: Storage) {
        self.inner().extend_blob_with_resource(blob, extension)
    }

    public fun extend_blob(
        self: &mut System,
        blob: &mut Blob,
        extended_epochs: u32,
        payment: &mut Coin<WAL>,
    ) {
        self.inner_mut().extend_blob(blob, extended_epochs, payment)
    }

    public fun epoch(self: &System): u32 { self.inner().epoch() }

    public fun total_capacity_size(self: &System): u64 { self.inner().total_capacity_size() }

    public fun used_capacity_size(self: &System): u64 { self.inner().used_capacity_size() }

    public fun n_shards(self: &System): u16 { self.inner().n_shards() }

    public fun version(system: &System): u64 { system.version }

    public(package) fun inner(system: &System): &SystemStateInnerV1 {
        assert!(system.version == package_version(), EWrongVersion);
        dynamic_field::borrow(&system.id, system.version)
    }

    public(package) fun inner_mut(system: &mut System): &mut SystemStateInnerV1 {
        assert!(system.version == package_version(), EWrongVersion);
        dynamic_field::borrow_mut(&mut system.id, system.version)
    }

    /// The version of the package through which the call came: old packages stop working after an upgrade.
    public(package) native fun package_version(): u64;
}
