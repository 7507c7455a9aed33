import type { BlobId } from '../terms/blob-id.ts'
import type { Name } from '../terms/name.ts'
import type { Change } from './change.ts'
import type { DirectoryEntries, Inode } from './inode.ts'
import type { NodeSink } from './node-source.ts'
import type { PieceRef } from './piece-ref.ts'
import type { RootRecord } from './root-record.ts'
import type { ExtentMap, SettledRange } from './extent-map.ts'
import type { InlineRecord } from './format/record-format.ts'
import type { ReadSlice } from './inline/told-changes.ts'
import type { Slice } from './slice.ts'
import type { Timestamp } from './time.ts'

/**
 * Which names exist now: the last committed tree plus local changes, lazily loaded. The one owner of names
 * and attributes. `Worktree` in worktree/ implements it; vfs and writeback meet here and nowhere else.
 *
 * Lookups answer in the same turn when the directory is loaded; else they load it through the NodeSource.
 */
export interface WorktreeApi {
  readonly root: Inode
  /** The committed tree under the local changes; undefined for a drive that has none yet. */
  readonly base: RootRecord | undefined
  /** Records of the manifest over the base, oldest first, that local changes stand on. */
  readonly inline: readonly Uint8Array[]
  /** Totals for statfs, local changes included. */
  readonly usedBytes: number
  readonly usedInodes: number
  /** Bytes of slices that named files show: what a commit would have to store. */
  readonly sliceBytes: number
  /** Something differs from `base` with `inline`, or is frozen and neither committed nor appended. */
  readonly dirty: boolean

  /** The inode of a name; undefined where there is none. */
  lookup(directory: Inode, name: Name): Inode | undefined | Promise<Inode | undefined>
  /** The names of a directory. */
  entries(directory: Inode): DirectoryEntries | Promise<DirectoryEntries>
  /**
   * The extents of a regular file. They are there at once but for a file of so many that they are stored apart: it
   * has no `extents` until they were asked for here, as must be done before its bytes are read or changed.
   */
  extents(file: Inode): ExtentMap | Promise<ExtentMap>
  /** The next inode number for a `make`. */
  allocate(): number
  /**
   * A regular file with no name (O_TMPFILE), nlink 0: not journaled, not committed, until a `link` names it (which
   * journals its whole state first).
   */
  makeUnnamed(mode: number, uid: number, gid: number, time: Timestamp): Inode
  /**
   * The same for a copy of an inode, no directory, of another state of this drive: its attributes, and its bytes where they
   * are stored already. The extents are loaded; none is a slice.
   */
  makeCopy(of: Inode): Inode
  /**
   * Hands a change (and a bind before it where replay needs one) to `onChange` and carries it out. When `onChange`
   * throws, nothing has changed. The directories and inodes it names are loaded already: the caller looked them up.
   * Changes of an inode whose last name is gone are applied and not handed on. Returns the inode that the change is
   * about.
   */
  apply(change: Change): Inode
  /** To be called on a new worktree: it stands on these records over its base from now on. Throws FormatError. */
  standOn(records: readonly Uint8Array[]): void
  /** Carries out changes of a journal, oldest first; loads what they need. Does not call `onChange`. */
  replay(changes: Iterable<Change>): Promise<void>
  /** Called with every change to keep, in order. */
  onChange: (change: Change) => void

  /**
   * The names the kernel may hold on to: an inode is kept in memory while its count is above 0, loaded clean
   * directories without any may be dropped.
   */
  retain(inode: Inode): void
  release(inode: Inode): void

  /**
   * Takes all changes so far out for a commit, with what the records say, in one turn; later changes pile up beside it. One
   * at a time.
   */
  freeze(): FrozenTree
  /**
   * The frozen tree was committed as `root`: it is the base now. Slices that `settled` finds become pieces; references
   * to nodes are resolved by the sink that `frozen.write` used. Lets others go first now and then; changes may be made
   * meanwhile. When it resolves, no slice that was settled is shown any more.
   */
  committed(
    frozen: FrozenTree,
    root: RootRecord,
    settled: (slice: Slice) => readonly SettledRange[] | undefined,
  ): Promise<void>
  /**
   * Takes all changes so far out as one record for the manifest, with the bytes that they show. Undefined, and nothing is
   * frozen, where the record would be longer than `limit` bytes. Throws what `read` throws.
   */
  freezeRecord(
    head: Pick<InlineRecord, 'timeMs' | 'writer'>,
    limit: number,
    read: ReadSlice,
  ): FrozenRecord | undefined
  /** The manifest has the record: it is the last of `inline` now, and its slices are not shown any more. */
  appended(frozen: FrozenRecord): void
  /** The commit, or the record, was given up: its changes are dirty again, below those made since. */
  thaw(frozen: FrozenTree | FrozenRecord): void
  /**
   * Someone else moved the manifest: makes `theirs` the base and lays our changes over it (three-way by what
   * `base` says). Nothing may be frozen. Both changed one file: theirs keeps the name, ours goes beside it as
   * `name (conflict HOST TIME)`; delete against edit: the edit stays. Returns what changed for the kernel's caches.
   * `onRebased` is called in the very turn in which the worktree comes to stand on `theirs`, before any later change:
   * there the caller has the journal say `restate()`. `records` are those over `theirs`. Throws FormatError.
   */
  rebase(
    theirs: RootRecord | undefined,
    conflict: ConflictNaming,
    onRebased: () => void,
    records?: readonly Uint8Array[],
  ): Promise<RebaseResult>
  /**
   * Slices that any inode in memory shows, nameless open files among them: what staging must keep. After a replay, all
   * that were replayed; after `committed`, those of later changes and of files without a name.
   */
  slices(): Iterable<Slice>
  /** All local changes relative to `base` with `inline` as changes that replay can apply: the journal after a rebase. */
  restate(): Iterable<Change>
}

/** What a conflict copy is called. */
export interface ConflictNaming {
  readonly host: string
  /** Already formatted, safe in a file name. */
  readonly time: string
}

/** A name in a directory. */
export interface NamePlace {
  readonly directory: Inode
  readonly name: Name
}

/** A regular file that another writer changed. */
export interface ChangedFile {
  readonly inode: Inode
  /** All its names that are in memory. */
  readonly names: readonly NamePlace[]
}

/** What a rebase has changed, of what is in memory. */
export interface RebaseResult {
  /** Inodes whose attributes or bytes differ now. */
  readonly inodes: readonly Inode[]
  /** Names that mean something else now. */
  readonly names: readonly NamePlace[]
  /**
   * Regular files with names whose bytes, size, times or other attributes differ now: a kernel that writes back its
   * pages late believes its own size and times of an inode, and has to meet such a file as a new one.
   */
  readonly changedFiles: readonly ChangedFile[]
  /** Copies that were made, by path for the log. */
  readonly conflicts: readonly string[]
}

/** A file with slices to store, as it was at the freeze. */
export interface FrozenFile {
  readonly ino: number
  readonly size: number
  /** All extents; those with slices are to be stored. */
  readonly extents: Inode['extents'] & {}
}

/** The changes of one record. */
export interface FrozenRecord {
  readonly bytes: Uint8Array
}

/** The changes of one commit. */
export interface FrozenTree {
  /** Files with slices, in the order in which their bytes should lie in packs (directory by directory). */
  readonly files: Iterable<FrozenFile>
  /** Sum of their slices' bytes. */
  readonly sliceBytes: number
  /** Inodes and names that differ from the base. */
  readonly changeCount: number
  /** Paths of changed files that show bytes of a blob, for messages. */
  pathsIn(blob: BlobId): Iterable<string>
  /**
   * Writes the changed nodes, children first, with slices replaced by what `settled` finds (every slice must be
   * found), and returns what the root record needs. Reads untouched nodes where a B-tree must be mended. The same
   * changes over the same base give the same nodes in the same order: a commit that a crash interrupted goes on
   * with the packs that it had made.
   */
  write(
    settled: (slice: Slice) => readonly SettledRange[] | undefined,
    sink: NodeSink,
  ): Promise<WrittenTree>
}

/** The fields of a {@link RootRecord} that come from the tree itself. */
export interface WrittenTree {
  /** References as the sink gave them, not resolved. */
  readonly directory: RootRecord['directory']
  readonly links: PieceRef | undefined
  readonly usedBytes: number
  readonly usedInodes: number
  readonly nextIno: number
  /**
   * By how much the stored bytes of each pack that the tree names have grown or (negative) shrunk; packs are named as
   * the sink named them. A piece that several files show counts for each. Best effort: a removed directory that cannot be
   * read any more is not counted; gc counts anew.
   */
  readonly liveDelta: ReadonlyMap<PieceRef['blob'], number>
}
