export { type AuditLog, type AuditLogOptions, auditLog } from './audit-log.js';
export { type LogFile, type LogFileOptions, logFile } from './log-file.js';
