import type { Name } from '../../terms/name.ts'
import type { DirectorySink, Node, NodeId } from '../../vfs/file-system.ts'
import { directoryEntryHeaderBytes, entryBytes, replyHeaderBytes } from './protocol.ts'
import type { Reply } from './reply.ts'
import { put64, putEntry } from './structs.ts'
import type { Timeouts } from './structs.ts'

const typeShift = 12

/**
 * The entries of a READDIR (fuse_dirent) or READDIRPLUS (fuse_direntplus), each padded to eight bytes. They are written straight into the reply;
 * a list that is filled later, between the replies to other requests, {@link moveAway moves} to memory of its own first.
 */
export class DirectoryList {
  readonly #timeouts: Timeouts
  readonly #plus: boolean
  readonly #maxBytes: number
  #bytes: Buffer
  #words: Uint32Array
  /** Where the body begins in `#bytes`. */
  #start = replyHeaderBytes
  #length = 0

  constructor(reply: Reply, maxBytes: number, plus: boolean) {
    this.#timeouts = reply.timeouts
    this.#plus = plus
    this.#maxBytes = maxBytes
    this.#bytes = reply.memory.bytes
    this.#words = reply.words
  }

  get length(): number {
    return this.#length
  }

  readonly sink: DirectorySink = (name, ino, mode, nextCookie, node) => {
    const fixed = this.#plus ? entryBytes + directoryEntryHeaderBytes : directoryEntryHeaderBytes
    const size = (fixed + name.length + 7) & ~7
    if (this.#length + size > this.#maxBytes) return false
    let word = (this.#start + this.#length) / 4
    if (this.#plus) {
      this.#putNode(word, node)
      word += entryBytes / 4
    }
    this.#putEntry(word, name, ino, mode, nextCookie)
    const end = this.#start + this.#length + size
    this.#bytes.fill(0, end - size + fixed + name.length, end)
    this.#length += size
    return true
  }

  moveAway(): void {
    const own = Buffer.alloc(this.#maxBytes)
    this.#bytes.copy(own, 0, this.#start, this.#start + this.#length)
    this.#bytes = own
    this.#words = new Uint32Array(own.buffer, own.byteOffset, own.length / 4)
    this.#start = 0
  }

  copyTo(reply: Reply): void {
    reply.bytes(this.#bytes.subarray(this.#start, this.#start + this.#length))
  }

  /** Calls `forget` for each node in the list. */
  forget(forget: (node: NodeId) => void): void {
    if (!this.#plus) return
    for (let at = this.#start; at < this.#start + this.#length;) {
      const id = Number(this.#bytes.readBigUInt64LE(at))
      if (id !== 0) forget(id)
      const nameBytes = this.#bytes.readUInt32LE(at + entryBytes + 16)
      at += (entryBytes + directoryEntryHeaderBytes + nameBytes + 7) & ~7
    }
  }

  /** Without a node (`.` and `..`) the kernel skips what stands here. */
  #putNode(word: number, node: Node | undefined): void {
    if (node) putEntry(this.#words, word, node, this.#timeouts)
    else this.#words.fill(0, word, word + entryBytes / 4)
  }

  #putEntry(word: number, name: Name, ino: number, mode: number, nextCookie: number): void {
    const words = this.#words
    put64(words, word, ino)
    put64(words, word + 2, nextCookie)
    words[word + 4] = name.length
    words[word + 5] = (mode >>> typeShift) & 15
    this.#bytes.write(name, (word + 6) * 4, 'latin1')
  }
}
