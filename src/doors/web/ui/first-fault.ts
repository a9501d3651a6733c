/** After a form was refused here: the focus goes to the first field that is wrong, once its error stands on the screen. */
export function toFirstFault(form: Element): void {
  requestAnimationFrame(() => {
    const wrong = form.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] input');
    wrong?.focus();
  });
}
