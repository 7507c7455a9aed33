/// Space on the storage nodes for some epochs, bought and tradable.
module walrus::storage_resource {
    public struct Storage has key, store {
        id: UID,
        start_epoch: u32,
        /// Exclusive.
        end_epoch: u32,
        /// Encoded bytes.
        storage_size: u64,
    }

    const EInvalidEpoch: u64 = 0;
    const EIncompatibleEpochs: u64 = 1;
    const EIncompatibleAmount: u64 = 2;
    const EInvalidEpochRange: u64 = 3;

    public fun start_epoch(self: &Storage): u32 { self.start_epoch }

    public fun end_epoch(self: &Storage): u32 { self.end_epoch }

    public fun size(self: &Storage): u64 { self.storage_size }

    public(package) fun create_storage(
        start_epoch: u32,
        end_epoch: u32,
        storage_size: u64,
        ctx: &mut TxContext,
    ): Storage {
        assert!(start_epoch < end_epoch, EInvalidEpochRange);
        Storage { id: object::new(ctx), start_epoch, end_epoch, storage_size }
    }

    public(package) fun extend_end_epoch(self: &mut Storage, epochs: u32) {
        self.end_epoch = self.end_epoch + epochs;
    }

    public fun split_by_epoch(storage: &mut Storage, split_epoch: u32, ctx: &mut TxContext): Storage {
        let inside = split_epoch > storage.start_epoch && split_epoch < storage.end_epoch;
        assert!(inside, EInvalidEpoch);
        let end_epoch = storage.end_epoch;
        storage.end_epoch = split_epoch;
        create_storage(split_epoch, end_epoch, storage.storage_size, ctx)
    }

    public fun split_by_size(storage: &mut Storage, split_size: u64, ctx: &mut TxContext): Storage {
        assert!(storage.storage_size >= split_size, EIncompatibleAmount);
        let rest = storage.storage_size - split_size;
        storage.storage_size = split_size;
        create_storage(storage.start_epoch, storage.end_epoch, rest, ctx)
    }

    public fun fuse_periods(first: &mut Storage, second: Storage) {
        let Storage { id, start_epoch, end_epoch, storage_size } = second;
        id.delete();
        assert!(first.storage_size == storage_size, EIncompatibleAmount);
        if (first.end_epoch == start_epoch) {
            first.end_epoch = end_epoch;
        } else {
            assert!(first.start_epoch == end_epoch, EIncompatibleEpochs);
            first.start_epoch = start_epoch;
        }
    }

    public fun fuse_amount(first: &mut Storage, second: Storage) {
        let Storage { id, start_epoch, end_epoch, storage_size } = second;
        id.delete();
        let same = first.start_epoch == start_epoch && first.end_epoch == end_epoch;
        assert!(same, EIncompatibleEpochs);
        first.storage_size = first.storage_size + storage_size;
    }

    public fun fuse(first: &mut Storage, second: Storage) {
        if (first.start_epoch == second.start_epoch) first.fuse_amount(second)
        else first.fuse_periods(second)
    }

    public fun destroy(storage: Storage) {
        let Storage { id, start_epoch: _, end_epoch: _, storage_size: _ } = storage;
        id.delete();
    }
}

/// How many bytes a blob takes on all nodes together.
module walrus::encoding {
    const EInvalidEncodingType: u64 = 0;

    /// RedStuff over Reed-Solomon, the only encoding.
    const RS2: u8 = 1;
    const DIGEST_BYTES: u64 = 32;

    public fun encoded_blob_length(unencoded_length: u64, encoding_type: u8, n_shards: u16): u64 {
        assert!(encoding_type == RS2, EInvalidEncodingType);
        let n = n_shards as u64;
        let faulty = (n - 1) / 3;
        let rows = n - 2 * faulty;
        let columns = n - faulty;
        let mut symbol = (unencoded_length.max(1) - 1) / (rows * columns) + 1;
        if (symbol % 2 == 1) symbol = symbol + 1;
        let slivers = (rows + columns) * symbol;
        let metadata = n * DIGEST_BYTES * 2 + DIGEST_BYTES;
        n * (slivers + metadata)
    }
}

/// Names and values that an owner attaches to a blob.
module walrus::metadata {
    use std::string::String;
    use sui::vec_map::{Self, VecMap};

    public struct Metadata has drop, store { metadata: VecMap<String, String> }

    public fun new(): Metadata { Metadata { metadata: vec_map::empty() } }

    public fun insert_or_update(self: &mut Metadata, key: String, value: String) {
        if (self.metadata.contains(&key)) {
            self.metadata.remove(&key);
        };
        self.metadata.insert(key, value);
    }

    public fun remove(self: &mut Metadata, key: &String): (String, String) { self.metadata.remove(key) }

    public fun remove_if_exists(self: &mut Metadata, key: &String): Option<String> {
        if (!self.metadata.contains(key)) return option::none();
        let (_, value) = self.metadata.remove(key);
        option::some(value)
    }
}

/// A value kept in a dynamic field of an id of its own, so that its holder stays small.
module walrus::extended_field {
    use sui::dynamic_field;

    public struct ExtendedField<phantom T: store> has key, store { id: UID }

    public struct Key() has copy, drop, store;

    public(package) fun new<T: store>(value: T, ctx: &mut TxContext): ExtendedField<T> {
        let mut id = object::new(ctx);
        dynamic_field::add(&mut id, Key(), value);
        ExtendedField { id }
    }
}
