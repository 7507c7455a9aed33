/// The currency that pays for storage.
module wal::wal;

public struct WAL has drop {}
