import fs from 'node:fs'
import { dirname } from 'node:path'
import type { Descriptor, Disk, OpenFor } from '../../src/runtime/disk.ts'
import type { SimulatedDisk } from '../runtime/simulated-disk.ts'

/**
 * A simulated disk whose files lie on the machine's own, too, under the same paths: the packing thread reads staging there.
 * What the simulation refuses does not reach the mirror.
 */
export class MirroredDisk implements Disk {
  readonly simulated: SimulatedDisk
  readonly #files = new Map<Descriptor, number>()

  /** Lays out what the simulated disk holds; the directories are to be empty or missing. */
  constructor(simulated: SimulatedDisk) {
    this.simulated = simulated
    for (const [path, bytes] of simulated.files) {
      fs.mkdirSync(dirname(path), { recursive: true })
      fs.writeFileSync(path, bytes)
    }
  }

  open(path: string, purpose: OpenFor): Descriptor {
    const file = this.simulated.open(path, purpose)
    this.#files.set(file, fs.openSync(path, purpose === 'create' ? 'wx+' : 'r+'))
    return file
  }

  close(file: Descriptor): void {
    this.simulated.close(file)
    fs.closeSync(this.#files.get(file)!)
    this.#files.delete(file)
  }

  read(file: Descriptor, into: Uint8Array, position: number): number {
    return this.simulated.read(file, into, position)
  }

  write(file: Descriptor, bytes: Uint8Array, position: number): number {
    const count = this.simulated.write(file, bytes, position)
    fs.writeSync(this.#files.get(file)!, bytes, 0, count, position)
    return count
  }

  readLater(file: Descriptor, into: Uint8Array, position: number): Promise<number> {
    return this.simulated.readLater(file, into, position)
  }

  async writeLater(file: Descriptor, bytes: Uint8Array, position: number): Promise<number> {
    await new Promise(setImmediate)
    return this.write(file, bytes, position)
  }

  willNeed(file: Descriptor, position: number, bytes: number): void {
    this.simulated.willNeed(file, position, bytes)
  }

  size(file: Descriptor): number {
    return this.simulated.size(file)
  }

  stamp(file: Descriptor): string {
    return this.simulated.stamp(file)
  }

  truncate(file: Descriptor, bytes: number): void {
    this.simulated.truncate(file, bytes)
    fs.ftruncateSync(this.#files.get(file)!, bytes)
  }

  datasync(file: Descriptor): Promise<void> {
    return this.simulated.datasync(file)
  }

  syncDirectory(path: string): Promise<void> {
    return this.simulated.syncDirectory(path)
  }

  list(path: string): string[] {
    return this.simulated.list(path)
  }

  makeDirectory(path: string): void {
    this.simulated.makeDirectory(path)
    fs.mkdirSync(path, { recursive: true })
  }

  rename(from: string, to: string): void {
    this.simulated.rename(from, to)
    fs.renameSync(from, to)
  }

  remove(path: string): void {
    this.simulated.remove(path)
    fs.rmSync(path)
  }

  freeBytes(path: string): number {
    return this.simulated.freeBytes(path)
  }

  /** Closes what a dead program had open. */
  letGo(): void {
    for (const file of this.#files.values()) fs.closeSync(file)
    this.#files.clear()
  }
}
