import { Component, type ComponentType, h } from 'preact';

/** A part that is drawn anew only when one of its properties is another. */
export function memo<P extends object>(Part: ComponentType<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const [before, after] = [this.props as Record<string, unknown>, next as Record<string, unknown>];
      return Object.keys(after).some((name) => after[name] !== before[name]);
    }

    override render() {
      return h(Part, this.props as P);
    }
  };
}
