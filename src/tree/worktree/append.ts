import { encodeRecord, type InlineRecord } from '../format/record-format.ts'
import { InlineSlices, joined, toldChanges, type ReadSlice } from '../inline/told-changes.ts'
import type { FrozenRecord } from '../worktree-api.ts'
import type { FrozenChanges } from './frozen-changes.ts'
import type { TreeState } from './tree-state.ts'

/** The changes that a worktree has given out for one record in the manifest, and how it takes the outcome. */
export class Append implements FrozenRecord {
  readonly bytes: Uint8Array
  readonly #state: TreeState
  readonly #frozen: FrozenChanges
  readonly #slices: InlineSlices

  private constructor(
    state: TreeState,
    frozen: FrozenChanges,
    slices: InlineSlices,
    bytes: Uint8Array,
  ) {
    this.#state = state
    this.#frozen = frozen
    this.#slices = slices
    this.bytes = bytes
  }

  /** Undefined where the record would be longer than the limit. */
  static of(
    state: TreeState,
    frozen: FrozenChanges,
    head: Pick<InlineRecord, 'timeMs' | 'writer'>,
    limit: number,
    read: ReadSlice,
  ): Append | undefined {
    const slices = new InlineSlices(read)
    const bytes = encodeRecord(head, toldChanges(frozen, slices), limit)
    return bytes && new Append(state, frozen, slices, bytes)
  }

  /** The manifest has the record. In one turn. */
  finish(): void {
    const state = this.#state
    for (const file of state.sliced) {
      state.settle(file, this.#slices.find)
      // In the very form that others read: what is not changed must not look so.
      if (file.extentList) file.extentList = joined(file.extentList)
    }
    state.appended = state.appended.with(this.#frozen.touched)
    state.inline = [...state.inline, this.bytes]
    state.frozen = undefined
  }

  /** Puts the changes back, below those made since. */
  undo(): void {
    const { touched } = this.#state
    this.#state.touched = this.#frozen.touched
    this.#state.touched.addAll(touched)
    this.#state.frozen = undefined
  }
}
