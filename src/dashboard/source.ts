import type { DashboardData } from './data.ts'

/** Who knows what the page shows; the daemon brings it. Undefined: there is no such thing for what is mounted. */
export interface DashboardSource {
  status(): DashboardData['status']
  history(): Promise<DashboardData['history'] | undefined>
  /** Which paths a commit of the history changed. */
  changes(sequence: number): Promise<DashboardData['changes'] | undefined>
  money(): Promise<DashboardData['money'] | undefined>
}
