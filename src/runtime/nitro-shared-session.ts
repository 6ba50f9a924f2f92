import { useEnvironment } from './server/environment'
import { checkSharing } from './server/sharing'

/** A plugin for an app where another module reads the same session, which the build knows. Runs after the sessions' own. */
export default (): void => checkSharing(useEnvironment())
