import { userInfo } from 'node:os'
import type { WorkspaceScope } from '../../db/workspace-scope.ts'
import { createDigester } from '../../secrets/keyed-digester.ts'
import { MasterKeyError } from '../../secrets/master-key.ts'
import { UnsealError } from '../../secrets/seal.ts'
import type { AuditActor, AuditLog } from '../../services/audit.ts'
import { AuditSealer } from '../../services/audit-sealer.ts'
import { createAuditLog } from '../../services/create-audit-log.ts'
import type { OpenKeys } from '../command.ts'

/** The audit log for what an operator does at the command line. */
export interface OperatorAudit {
  readonly audit: AuditLog
  operator(workspace: WorkspaceScope): AuditActor
  /** Seals what was written: perhaps no server runs. */
  seal(): Promise<void>
}

export function operatorAudit({ database, keyring }: Pick<OpenKeys, 'database' | 'keyring'>): OperatorAudit {
  const sealer = new AuditSealer({ database, digester: createDigester(keyring) })
  const audit = createAuditLog({
    database,
    onFault: () => undefined,
    onRecorded: workspace => sealer.noted(workspace),
  })
  return {
    audit,
    operator: operatorOf,
    seal: async () => {
      try {
        await sealer.sealNew()
      } catch (error) {
        // Keys that cannot be used are for other commands to report; a server seals it once they can be.
        if (!(error instanceof UnsealError || error instanceof MasterKeyError)) throw error
      }
    },
  }
}

/** Who runs a command, as the audit log has it. */
export function operatorOf(workspace: WorkspaceScope): AuditActor {
  return { kind: 'OPERATOR', workspace, displayName: operatorName() }
}

function operatorName(): string {
  try {
    return userInfo().username
  } catch {
    // Of a user id without a name, as containers have it.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
