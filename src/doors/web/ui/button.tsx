import type { ButtonHTMLAttributes, Ref } from 'react';

const looks = {
  solid:
    'border-4 border-double border-transparent bg-key-900 text-white enabled:hover:bg-key-1000 enabled:hover:underline enabled:active:bg-key-1200',
  outline:
    'border border-current bg-white text-key-900 enabled:hover:bg-key-200 enabled:hover:text-key-1000 enabled:hover:underline enabled:active:bg-key-300',
  text: 'min-w-0! px-1! text-key-900 underline enabled:hover:bg-key-50 enabled:hover:decoration-[0.1875rem]',
  danger:
    'border-4 border-double border-transparent bg-error-2 text-white enabled:hover:bg-red-1000 enabled:hover:underline',
} as const;

const sizes = {
  lg: 'min-h-14 min-w-34 px-4 py-3 rounded-8 text-oln-16B-100',
  md: 'min-h-12 min-w-24 px-4 py-2 rounded-8 text-oln-16B-100',
  sm: 'min-h-9 min-w-20 px-3 py-0.5 rounded-6 text-oln-16B-100',
} as const;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
  size?: keyof typeof sizes;
  /** What it started is still under way: it cannot be pressed again, and stays focused. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button after the agency's rules: 44 px and more high but in tables, underlined under the pointer. */
export function Button({
  look = 'solid',
  size = 'md',
  busy = false,
  className = '',
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={`inline-flex cursor-pointer items-center justify-center gap-2 text-center leading-140 underline-offset-[0.1875rem] disabled:cursor-not-allowed disabled:border-transparent disabled:bg-solid-gray-100 disabled:text-solid-gray-600 aria-disabled:cursor-progress ${looks[look]} ${sizes[size]} ${className}`}
    />
  );
}
