/// Blobs as their owners hold them.
module walrus::blob {
    use std::string::String;
    use sui::{bcs, dynamic_field, hash};
    use walrus::encoding;
    use walrus::events::{emit_blob_certified, emit_blob_deleted, emit_blob_registered};
    use walrus::messages::CertifiedBlobMessage;
    use walrus::metadata::{Self, Metadata};
    use walrus::storage_resource::Storage;

    const ENotCertified: u64 = 0;
    const EBlobNotDeletable: u64 = 1;
    const EResourceBounds: u64 = 2;
    const EResourceSize: u64 = 3;
    const EAlreadyCertified: u64 = 5;
    const EInvalidBlobId: u64 = 6;
    const EDuplicateMetadata: u64 = 7;
    const EMissingMetadata: u64 = 8;
    const EInvalidBlobPersistenceType: u64 = 9;
    const EInvalidBlobObject: u64 = 10;

    const METADATA_DF: vector<u8> = b"metadata";

    public struct Blob has key, store {
        id: UID,
        registered_epoch: u32,
        blob_id: u256,
        /// Unencoded bytes.
        size: u64,
        encoding_type: u8,
        certified_epoch: Option<u32>,
        storage: Storage,
        deletable: bool,
    }

    /// What a blob id is the hash of.
    public struct BlobIdDerivation has drop { encoding_type: u8, size: u64, root_hash: u256 }

    public use fun walrus::shared_blob::new as Blob.share;

    public fun object_id(self: &Blob): ID { object::id(self) }

    public fun registered_epoch(self: &Blob): u32 { self.registered_epoch }

    public fun blob_id(self: &Blob): u256 { self.blob_id }

    public fun size(self: &Blob): u64 { self.size }

    public fun encoding_type(self: &Blob): u8 { self.encoding_type }

    public fun certified_epoch(self: &Blob): &Option<u32> { &self.certified_epoch }

    public fun storage(self: &Blob): &Storage { &self.storage }

    public fun is_deletable(self: &Blob): bool { self.deletable }

    public fun end_epoch(self: &Blob): u32 { self.storage.end_epoch() }

    public fun encoded_size(self: &Blob, n_shards: u16): u64 {
        encoding::encoded_blob_length(self.size, self.encoding_type, n_shards)
    }

    public(package) fun storage_mut(self: &mut Blob): &mut Storage { &mut self.storage }

    public fun derive_blob_id(root_hash: u256, encoding_type: u8, size: u64): u256 {
        let derivation = BlobIdDerivation { encoding_type, size, root_hash };
        bcs::new(hash::blake2b256(&bcs::to_bytes(&derivation))).peel_u256()
    }

    public(package) fun new(
        storage: Storage,
        blob_id: u256,
        root_hash: u256,
        size: u64,
        encoding_type: u8,
        deletable: bool,
        registered_epoch: u32,
        n_shards: u16,
        ctx: &mut TxContext,
    ): Blob {
        let id = object::new(ctx);
        assert!(registered_epoch >= storage.start_epoch(), EResourceBounds);
        assert!(registered_epoch < storage.end_epoch(), EResourceBounds);
        let encoded = encoding::encoded_blob_length(size, encoding_type, n_shards);
        assert!(encoded <= storage.size(), EResourceSize);
        assert!(derive_blob_id(root_hash, encoding_type, size) == blob_id, EInvalidBlobId);
        emit_blob_registered(
            registered_epoch,
            blob_id,
            size,
            encoding_type,
            storage.end_epoch(),
            deletable,
            id.to_inner(),
        );
        Blob {
            id,
            registered_epoch,
            blob_id,
            size,
            encoding_type,
            certified_epoch: option::none(),
            storage,
            deletable,
        }
    }

    public(package) fun certify_with_certified_msg(
        blob: &mut Blob,
        current_epoch: u32,
        message: CertifiedBlobMessage,
    ) {
        assert!(blob.blob_id == message.certified_blob_id(), EInvalidBlobId);
        assert!(blob.certified_epoch.is_none(), EAlreadyCertified);
        assert!(current_epoch < blob.storage.end_epoch(), EResourceBounds);
        assert!(blob.deletable == message.is_deletable(), EInvalidBlobPersistenceType);
        if (blob.deletable) {
            assert!(message.object_id() == object::id(blob), EInvalidBlobObject);
        };
        blob.certified_epoch.fill(current_epoch);
        blob.emit_certified(false);
    }

    public(package) fun assert_certified_not_expired(self: &Blob, current_epoch: u32) {
        assert!(self.certified_epoch.is_some(), ENotCertified);
        assert!(current_epoch < self.storage.end_epoch(), EResourceBounds);
    }

    public(package) fun delete(mut self: Blob, epoch: u32): Storage {
        dynamic_field::remove_if_exists<_, Metadata>(&mut self.id, METADATA_DF);
        let Blob { id, storage, deletable, blob_id, certified_epoch, .. } = self;
        assert!(deletable, EBlobNotDeletable);
        assert!(storage.end_epoch() > epoch, EResourceBounds);
        let object_id = id.to_inner();
        id.delete();
        emit_blob_deleted(epoch, blob_id, storage.end_epoch(), object_id, certified_epoch.is_some());
        storage
    }

    public fun burn(mut self: Blob) {
        dynamic_field::remove_if_exists<_, Metadata>(&mut self.id, METADATA_DF);
        let Blob { id, storage, .. } = self;
        id.delete();
        storage.destroy();
    }

    public(package) fun extend_with_resource(blob: &mut Blob, extension: Storage, epoch: u32) {
        blob.assert_certified_not_expired(epoch);
        assert!(extension.end_epoch() > blob.storage.end_epoch(), EResourceBounds);
        blob.storage.fuse_periods(extension);
        blob.emit_certified(true);
    }

    public(package) fun emit_certified(self: &Blob, is_extension: bool) {
        emit_blob_certified(
            *self.certified_epoch.borrow(),
            self.blob_id,
            self.storage.end_epoch(),
            self.deletable,
            self.id.to_inner(),
            is_extension,
        )
    }

    public fun add_metadata(self: &mut Blob, metadata: Metadata) {
        assert!(!dynamic_field::exists_(&self.id, METADATA_DF), EDuplicateMetadata);
        dynamic_field::add(&mut self.id, METADATA_DF, metadata)
    }

    public fun add_or_replace_metadata(self: &mut Blob, metadata: Metadata): Option<Metadata> {
        let old = if (dynamic_field::exists_(&self.id, METADATA_DF)) option::some(self.take_metadata())
        else option::none();
        self.add_metadata(metadata);
        old
    }

    public fun take_metadata(self: &mut Blob): Metadata {
        assert!(dynamic_field::exists_(&self.id, METADATA_DF), EMissingMetadata);
        dynamic_field::remove(&mut self.id, METADATA_DF)
    }

    fun metadata(self: &mut Blob): &mut Metadata {
        assert!(dynamic_field::exists_(&self.id, METADATA_DF), EMissingMetadata);
        dynamic_field::borrow_mut(&mut self.id, METADATA_DF)
    }

    public fun insert_or_update_metadata_pair(self: &mut Blob, key: String, value: String) {
        if (!dynamic_field::exists_(&self.id, METADATA_DF)) self.add_metadata(metadata::new());
        self.metadata().insert_or_update(key, value)
    }

    public fun remove_metadata_pair(self: &mut Blob, key: &String): (String, String) {
        self.metadata().remove(key)
    }

    public fun remove_metadata_pair_if_exists(self: &mut Blob, key: &String): Option<String> {
        if (!dynamic_field::exists_(&self.id, METADATA_DF)) option::none()
        else self.metadata().remove_if_exists(key)
    }
}

/// Blobs that anyone may keep alive.
module walrus::shared_blob {
    use sui::balance::{Self, Balance};
    use sui::coin::Coin;
    use wal::wal::WAL;
    use walrus::blob::Blob;
    use walrus::system::System;

    public struct SharedBlob has key, store { id: UID, blob: Blob, funds: Balance<WAL> }

    public fun new(blob: Blob, ctx: &mut TxContext) {
        transfer::share_object(SharedBlob { id: object::new(ctx), blob, funds: balance::zero() })
    }

    public fun new_funded(blob: Blob, funds: Coin<WAL>, ctx: &mut TxContext) {
        let funds = funds.into_balance();
        transfer::share_object(SharedBlob { id: object::new(ctx), blob, funds })
    }

    public fun blob(self: &SharedBlob): &Blob { &self.blob }

    public fun fund(self: &mut SharedBlob, added_funds: Coin<WAL>) {
        self.funds.join(added_funds.into_balance());
    }

    public fun extend(
        self: &mut SharedBlob,
        system: &mut System,
        extended_epochs: u32,
        ctx: &mut TxContext,
    ) {
        let mut payment = self.funds.withdraw_all().into_coin(ctx);
        system.extend_blob(&mut self.blob, extended_epochs, &mut payment);
        self.funds.join(payment.into_balance());
    }

    use fun sui::coin::from_balance as Balance.into_coin;
}
