import type { HandleId, NodeId } from '../../vfs/file-system.ts'

const accessMode = 3

/** Which files are open for writing: the kernel may hold pages of these that it has not handed over yet. */
export class WritableHandles {
  readonly #nodeOf = new Map<HandleId, NodeId>()
  readonly #counts = new Map<NodeId, number>()

  /** `flags` of open(2). */
  opened(node: NodeId, handle: HandleId, flags: number): void {
    if ((flags & accessMode) === 0) return
    this.#nodeOf.set(handle, node)
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + 1)
  }

  released(handle: HandleId): void {
    const node = this.#nodeOf.get(handle)
    if (node === undefined) return
    this.#nodeOf.delete(handle)
    const left = this.#counts.get(node)! - 1
    if (left === 0) this.#counts.delete(node)
    else this.#counts.set(node, left)
  }

  has(node: NodeId): boolean {
    return this.#counts.has(node)
  }
}
