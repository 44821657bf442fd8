/** What a byte of a paragraph is. Of markup that is several bytes long the later ones are Skip. */
export enum Mark {
  Text,
  Skip,
  Code,
  Autolink,
  BareUrl,
  LinkOpen,
  ImageOpen,
  LinkClose,
  EmOpen,
  EmClose,
  StrongOpen,
  StrongClose,
  DelOpen,
  DelClose,
}
