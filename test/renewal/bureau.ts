import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { PackLedger } from '../../src/renewal/ledger.ts'
import { Renewer } from '../../src/renewal/renewer.ts'
import type { RenewerOptions, RenewerParts } from '../../src/renewal/renewer-api.ts'
import { Spending } from '../../src/renewal/spending.ts'
import { systemClock, type Clock } from '../../src/runtime/clock.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { readRootRecord } from '../../src/tree/history/root-records.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import { Desk, never, type Sitting } from '../writeback/desk.ts'
import { noise, write } from '../writeback/files.ts'

/** A drive that was written to, and who looks after its storage. Packs are bought for five epochs. */
export class Bureau {
  readonly desk: Desk
  readonly here: Sitting
  readonly lines: string[] = []
  readonly spendingFile: string

  private constructor(desk: Desk, here: Sitting, directory: string) {
    this.desk = desk
    this.here = here
    this.spendingFile = join(directory, 'renewal.json')
  }

  static async open(test: Test): Promise<Bureau> {
    const desk = new Desk(test)
    const directory = mkdtempSync(join(tmpdir(), 'walrusfs-bureau-'))
    test.teardown(() => rmSync(directory, { recursive: true, force: true }))
    return new Bureau(desk, await desk.sit(), directory)
  }

  /** One commit more. */
  async commit(name: string, bytes = 3000): Promise<void> {
    await write(this.here, name, noise(bytes, bytes + name.length))
    await this.here.commit()
  }

  renewer(
    options: Partial<RenewerOptions> = {},
    clock: Clock = systemClock,
    needed?: RenewerParts['needed'],
  ): Renewer {
    const { store, manifest } = this.desk
    const { content, stand } = this.here
    return new Renewer(
      {
        store,
        manifest,
        ledger: new PackLedger(store, content),
        readRoot: (root) => readRootRecord(content, rootPiece(root)),
        spending: new Spending(this.spendingFile),
        clock,
        log: new LineLog((line) => this.lines.push(line), 'info'),
        onRenewed: (root) => stand.renewed(root),
        ...(needed ? { needed } : {}),
      },
      { auto: true, marginEpochs: 2, epochs: 5, checkMs: 1000, ...options },
    )
  }

  /** WAL of the account, in FROST. */
  get wal(): bigint {
    return this.desk.network.balances(this.desk.account).wal
  }

  set wal(wal: bigint) {
    this.desk.network.setBalances(this.desk.account, { wal })
  }

  /** Ends of the account's blobs, soonest first. */
  async ends(): Promise<number[]> {
    const owned = await this.desk.store.owned(never)
    return owned.map(({ endEpoch }) => endEpoch).sort((a, b) => a - b)
  }
}
