// A picture on its way from one place of the page to another.

let dragged = null;

/** Makes an element carry a picture. */
export function carries(element, picture) {
  element.draggable = true;
  element.addEventListener('dragstart', event => {
    dragged = picture;
    event.dataTransfer.setData('text/plain', picture.name);
    element.classList.add('dragged');
    document.body.classList.add('dragging');
  });
  element.addEventListener('dragend', () => {
    dragged = null;
    element.classList.remove('dragged');
    document.body.classList.remove('dragging');
    document.querySelectorAll('.over').forEach(other => other.classList.remove('over'));
  });
}

/** Takes a picture that is dragged from elsewhere on the page. */
export function acceptDragged(element, episode, one, before) {
  element.addEventListener('dragover', event => {
    if (!dragged) return;
    event.preventDefault();
    if (!before) element.classList.add('over');
  });
  element.addEventListener('dragleave', event => { if (dragged && !element.contains(event.relatedTarget)) element.classList.remove('over'); });
  element.addEventListener('drop', event => {
    if (!dragged) return;
    event.preventDefault();
    event.stopPropagation();
    const picture = dragged;
    dragged = null;
    document.body.classList.remove('dragging');
    if (picture !== before) episode.move(picture, one, before);
  });
}
