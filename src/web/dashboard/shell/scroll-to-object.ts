/** Brings an object into view, once it is there: a link may be opened before anything is known. Returns the way to end it. */
export function scrollToObject(id: string): () => void {
  const show = (): boolean => {
    const element = document.getElementById(id);
    element?.scrollIntoView({ block: 'center' });
    return element !== null;
  };
  const observer = new MutationObserver(() => show() && observer.disconnect());
  if (id !== '' && !show()) observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}
