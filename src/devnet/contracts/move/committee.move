/// Messages that storage nodes sign.
module walrus::messages {
    use sui::bcs::{Self, BCS};

    const EIncorrectAppId: u64 = 0;
    const EIncorrectEpoch: u64 = 1;
    const EInvalidMsgType: u64 = 2;
    const EIncorrectIntentVersion: u64 = 3;
    const EInvalidBlobPersistenceType: u64 = 4;
    const ENotDeletable: u64 = 5;

    const APP_ID: u8 = 3;
    const INTENT_VERSION: u8 = 0;
    const BLOB_CERT_MSG_TYPE: u8 = 1;
    const INVALID_BLOB_ID_MSG_TYPE: u8 = 2;

    /// A message whose signatures have been checked.
    public struct CertifiedMessage has drop { intent_type: u8, cert_epoch: u32, body: BCS }

    public struct CertifiedBlobMessage has drop {
        blob_id: u256,
        blob_persistence_type: BlobPersistenceType,
    }

    public enum BlobPersistenceType has copy, drop {
        Permanent,
        Deletable { object_id: ID },
    }

    public(package) fun new_certified_message(message: vector<u8>, epoch: u32): CertifiedMessage {
        let mut body = bcs::new(message);
        let intent_type = body.peel_u8();
        assert!(body.peel_u8() == INTENT_VERSION, EIncorrectIntentVersion);
        assert!(body.peel_u8() == APP_ID, EIncorrectAppId);
        let cert_epoch = body.peel_u32();
        assert!(cert_epoch == epoch, EIncorrectEpoch);
        CertifiedMessage { intent_type, cert_epoch, body }
    }

    public(package) fun cert_epoch(self: &CertifiedMessage): u32 { self.cert_epoch }

    public(package) fun certify_blob_message(message: CertifiedMessage): CertifiedBlobMessage {
        let CertifiedMessage { intent_type, cert_epoch: _, mut body } = message;
        assert!(intent_type == BLOB_CERT_MSG_TYPE, EInvalidMsgType);
        let blob_id = body.peel_u256();
        let kind = body.peel_vec_length();
        assert!(kind < 2, EInvalidBlobPersistenceType);
        let blob_persistence_type = if (kind == 0) BlobPersistenceType::Permanent
        else BlobPersistenceType::Deletable { object_id: object::id_from_address(body.peel_address()) };
        CertifiedBlobMessage { blob_id, blob_persistence_type }
    }

    public(package) fun invalid_blob_id_message(message: CertifiedMessage): u256 {
        let CertifiedMessage { intent_type, cert_epoch: _, mut body } = message;
        assert!(intent_type == INVALID_BLOB_ID_MSG_TYPE, EInvalidMsgType);
        body.peel_u256()
    }

    public(package) fun certified_blob_id(self: &CertifiedBlobMessage): u256 { self.blob_id }

    public(package) fun is_deletable(self: &CertifiedBlobMessage): bool {
        match (&self.blob_persistence_type) {
            BlobPersistenceType::Permanent => false,
            BlobPersistenceType::Deletable { object_id: _ } => true,
        }
    }

    public(package) fun object_id(self: &CertifiedBlobMessage): ID {
        match (&self.blob_persistence_type) {
            BlobPersistenceType::Permanent => abort ENotDeletable,
            BlobPersistenceType::Deletable { object_id } => *object_id,
        }
    }
}

/// The nodes of an epoch as keys and weights, and what they sign together.
module walrus::bls_aggregate {
    use sui::bls12381::{Self, G1, UncompressedG1, bls12381_min_pk_verify};
    use sui::group_ops::Element;
    use walrus::messages::{Self, CertifiedMessage};

    const EInvalidBitmap: u64 = 0;
    const ESigVerification: u64 = 1;
    const ENotEnoughStake: u64 = 2;
    const EIncorrectCommittee: u64 = 3;

    public struct BlsCommitteeMember has copy, drop, store {
        public_key: Element<UncompressedG1>,
        weight: u16,
        node_id: ID,
    }

    public struct BlsCommittee has copy, drop, store {
        members: vector<BlsCommitteeMember>,
        n_shards: u16,
        epoch: u32,
        total_aggregated_key: Element<G1>,
    }

    public(package) fun new_bls_committee_member(
        public_key: Element<UncompressedG1>,
        weight: u16,
        node_id: ID,
    ): BlsCommitteeMember {
        BlsCommitteeMember { public_key, weight, node_id }
    }

    public(package) fun new_bls_committee(epoch: u32, members: vector<BlsCommitteeMember>): BlsCommittee {
        let mut n_shards = 0;
        let mut keys = vector[];
        let mut i = 0;
        while (i < members.length()) {
            assert!(members[i].weight > 0, EIncorrectCommittee);
            n_shards = n_shards + members[i].weight;
            keys.push_back(members[i].public_key);
            i = i + 1;
        };
        let total = bls12381::uncompressed_g1_to_g1(&bls12381::uncompressed_g1_sum(&keys));
        BlsCommittee { members, n_shards, epoch, total_aggregated_key: total }
    }

    public(package) fun advance(self: &mut BlsCommittee) { self.epoch = self.epoch + 1; }

    public(package) fun epoch(self: &BlsCommittee): u32 { self.epoch }

    public(package) fun n_shards(self: &BlsCommittee): u16 { self.n_shards }

    public(package) fun length(self: &BlsCommittee): u64 { self.members.length() }

    public(package) fun member(self: &BlsCommittee, i: u64): (ID, u16) {
        let member = &self.members[i];
        (member.node_id, member.weight)
    }

    public(package) fun is_quorum(self: &BlsCommittee, weight: u16): bool {
        3 * (weight as u64) >= 2 * (self.n_shards as u64) + 1
    }

    public(package) fun includes_one_correct_node(self: &BlsCommittee, weight: u16): bool {
        3 * (weight as u64) >= (self.n_shards as u64) + 1
    }

    public(package) fun verify_quorum_in_epoch(
        self: &BlsCommittee,
        signature: vector<u8>,
        signers_bitmap: vector<u8>,
        message: vector<u8>,
    ): CertifiedMessage {
        self.verify_certificate(&signature, &signers_bitmap, &message, true);
        messages::new_certified_message(message, self.epoch)
    }

    public(package) fun verify_one_correct_node_in_epoch(
        self: &BlsCommittee,
        signature: vector<u8>,
        signers_bitmap: vector<u8>,
        message: vector<u8>,
    ): CertifiedMessage {
        self.verify_certificate(&signature, &signers_bitmap, &message, false);
        messages::new_certified_message(message, self.epoch)
    }

    /// The key of the signers is the key of all, less the keys of those who did not sign (who are fewer).
    fun verify_certificate(
        self: &BlsCommittee,
        signature: &vector<u8>,
        signers_bitmap: &vector<u8>,
        message: &vector<u8>,
        quorum: bool,
    ) {
        let (absent, absent_weight) = self.non_signers(signers_bitmap);
        let weight = self.n_shards - absent_weight;
        let enough = if (quorum) self.is_quorum(weight) else self.includes_one_correct_node(weight);
        assert!(enough, ENotEnoughStake);
        let absent_key = bls12381::uncompressed_g1_to_g1(&bls12381::uncompressed_g1_sum(&absent));
        let key = bls12381::g1_sub(&self.total_aggregated_key, &absent_key);
        assert!(bls12381_min_pk_verify(signature, key.bytes(), message), ESigVerification);
    }

    fun non_signers(
        self: &BlsCommittee,
        bitmap: &vector<u8>,
    ): (vector<Element<UncompressedG1>>, u16) {
        let count = self.members.length();
        let bitmap_bytes = count.divide_and_round_up(8);
        assert!(bitmap.length() <= bitmap_bytes, EInvalidBitmap);
        let mut keys = vector[];
        let mut weight = 0;
        let mut i = 0;
        while (i < bitmap_bytes * 8) {
            let byte = if (i / 8 < bitmap.length()) bitmap[i / 8] else 0;
            let signed = (byte >> (i % 8 as u8)) & 1 == 1;
            if (i >= count) {
                assert!(!signed, EInvalidBitmap);
            } else if (!signed) {
                keys.push_back(self.members[i].public_key);
                weight = weight + self.members[i].weight;
            };
            i = i + 1;
        };
        (keys, weight)
    }
}

/// Which shards lie on which node.
module walrus::committee {
    use sui::vec_map::{Self, VecMap};

    public struct Committee(VecMap<ID, vector<u16>>) has copy, drop, store;

    public(package) fun from_map(shards: VecMap<ID, vector<u16>>): Committee { Committee(shards) }

    /// Each node has the shards of the one after it.
    public(package) fun rotated(self: &Committee): Committee {
        let (nodes, mut shards) = self.0.into_keys_values();
        let first = shards.remove(0);
        shards.push_back(first);
        Committee(vec_map::from_keys_values(nodes, shards))
    }
}
