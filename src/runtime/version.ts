/** The version of Cordon; a test holds it against package.json. Plugins ask for it in `engines.cordon`. */
export const VERSION = '0.1.0';
