// Accept, reject or needs edit, with a comment; whoever keeps the rating is told of each change.

class RatingBar {
  constructor(onChange) {
    this.onChange = onChange;
    this.buttons = RATINGS.map(({value, key, title}) => {
      const button = element('button', {type: 'button', textContent: title, title: `key ${key}`});
      button.dataset.rating = value;
      button.onclick = () => this.rate(value);
      return button;
    });
    this.comment = element('input', {placeholder: 'Comment (c)', maxLength: 2000, id: 'comment'});
    this.comment.setAttribute('aria-label', 'comment');
    this.comment.onchange = () => this.tell();
    this.comment.onkeydown = event => {
      if (event.key === 'Enter' || event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        this.comment.blur();
      }
    };
    this.rating = '';
  }

  show(rating, comment) {
    this.rating = rating;
    this.comment.value = comment;
    this.mark();
  }

  mark() {
    for (const button of this.buttons) button.setAttribute('aria-pressed', String(button.dataset.rating === this.rating));
  }

  rate(value) {
    this.rating = this.rating === value ? '' : value;
    this.mark();
    this.tell();
  }

  tell() {
    this.onChange({rating: this.rating, comment: this.comment.value});
  }

  /** Do what a key means; false where it means nothing here. */
  press(key) {
    const rating = RATINGS.find(each => each.key === key);
    if (rating) this.rate(rating.value);
    else if (key === 'c') this.comment.focus();
    return Boolean(rating) || key === 'c';
  }
}
