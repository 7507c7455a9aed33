import type { ManifestRoot } from '../manifest/manifest.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { Outlook } from './outlook.ts'
import type { RenewalPlan, RenewalPolicy } from './plan.ts'
import type { Spending } from './spending.ts'
import type { Survey, SurveyParts } from './survey.ts'

export interface RenewerParts extends SurveyParts {
  readonly spending: Spending
  readonly clock: Clock
  readonly log: Log
  /** The blobs of the manifest's root last longer now. */
  readonly onRenewed: (root: ManifestRoot) => void
  /** Told of FROST as they are spent. */
  readonly onPaid?: (frost: bigint) => void
  /**
   * The packs that are worth paying for; asked for only when something falls due. @default all that the table names, as long as
   * no gc has taken them out
   */
  readonly needed?: (survey: Survey, signal: AbortSignal) => Promise<(blob: BlobId) => boolean>
}

export interface RenewerOptions extends RenewalPolicy {
  /** Renews by itself what ends within the margin. */
  readonly auto: boolean
  /** FROST that renewals by themselves may cost in one epoch. @default as much as there is */
  readonly budget?: bigint | undefined
  /** Between two looks, milliseconds. */
  readonly checkMs: number
}

/** A renewal that somebody asks for. */
export interface RenewalRequest {
  /** Everything is to last for so many epochs from now. @default as the options say */
  readonly epochs?: number | undefined
  /** At most so much FROST. @default as much as there is */
  readonly budget?: bigint | undefined
  /** Only say what would be done. */
  readonly dryRun: boolean
}

export interface RenewalResult {
  readonly epoch: number
  readonly plan: RenewalPlan
  /** FROST. */
  readonly paid: bigint
  readonly transactions: number
  /** How it stands afterwards. */
  readonly outlook: Outlook
}

/** What `status` shows of it. */
export interface RenewerView {
  /** Undefined before the first look. */
  readonly outlook: Outlook | undefined
  readonly renewals: number
  /** FROST since the start. */
  readonly paid: bigint
  readonly lastMs: number | undefined
  /** Why the last look or renewal failed. */
  readonly why: string | undefined
}
