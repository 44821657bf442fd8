export { ERROR_CODES, type ErrorCode, type ErrorFamily, type Fault } from '../src/errors/codes.js';
export {
  CordonError,
  GuestError,
  HostFunctionError,
  LimitError,
  ManifestError,
  ModuleError,
  OptionsError,
  PermissionError,
  ResolutionError,
  StateError,
} from '../src/errors/cordon-error.js';
