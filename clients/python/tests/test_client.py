"""On real servers: the one as shipped, one that limits requests, and one of a tiny model, also behind a proxy that hangs up."""

import io
import os
import tempfile
import threading
import tracemalloc
import unittest
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import lora_recycle
from lora_recycle import answers

CUP, CHAIR, QUERY = (
    "samples/cup/image_0046.jpg",
    "samples/chair/image_0051.jpg",
    "samples/cup/image_0047.jpg",
)
SUPPORT = {"cup": [CUP], "chair": [CHAIR]}


class Pipe(io.BytesIO):
    """Bytes that come once."""

    def seekable(self):
        return False


def read(path):
    with open(path, "rb") as file:
        return file.read()


class ClassifyTests(unittest.TestCase):
    def setUp(self):
        self.client = lora_recycle.Client()

    def test_paths_bytes_and_files_get_the_same_answer(self):
        with open(QUERY, "rb") as file:
            answer = self.client.classify(SUPPORT, [QUERY, read(QUERY), file, Pipe(read(QUERY))])
        self.assertEqual(["cup"] * 4, [one.label for one in answer.predictions])
        self.assertEqual(1, len({one.probability for one in answer.predictions}))

    def test_labels_of_any_characters_come_back_as_they_were_sent(self):
        labels = {"Tässchen ☕", 'a "quoted" \\ one]', "100 %; naïve=\U0001F600"}
        answer = self.client.classify({label: [CUP, CHAIR] for label in labels}, [QUERY])
        self.assertEqual(labels, {one.label for one in answer.predictions[0].scores})

    def test_rejection_embeddings_and_the_bare_model_are_asked_for(self):
        answer = self.client.classify(SUPPORT, [QUERY], meta_lora="none", reject=0.5, embeddings=True)
        self.assertEqual(("none", 0.5), (answer.model.meta_lora, answer.reject.false_rejection_rate))
        self.assertIsNotNone(answer.predictions[0].novelty)
        self.assertEqual(["cup", "chair"], [one.label for one in answer.embeddings.support])

    def test_a_path_that_leads_nowhere_is_an_error_that_names_it(self):
        with self.assertRaisesRegex(FileNotFoundError, "nowhere.jpg"):
            self.client.classify(SUPPORT, ["nowhere.jpg"])

    def test_a_single_path_in_the_place_of_a_list_is_told(self):
        with self.assertRaisesRegex(TypeError, "query"):
            self.client.classify(SUPPORT, QUERY)

    def test_a_change_of_a_version_that_is_old_is_refused(self):
        stored = self.client.tasks.create(SUPPORT, name="mine", reject=0.1)
        changed = self.client.tasks.change(stored.task.id, name="", reject=0, if_match=stored.etag)
        self.assertEqual((None, None), (changed.task.name, changed.task.reject))
        with self.assertRaises(lora_recycle.ProblemError) as refused:
            self.client.tasks.delete(stored.task.id, if_match=stored.etag)
        self.assertEqual((412, "task-changed"), (refused.exception.status, refused.exception.code))
        image = changed.classes[0].images[0].id
        self.assertEqual(read(CUP), self.client.tasks.image(stored.task.id, image))
        self.assertIn(stored.task.id, [one.id for one in self.client.tasks.list(limit=1)])
        self.client.tasks.delete(stored.task.id, if_match=changed.etag)


class RetryTests(unittest.TestCase):
    def test_a_server_that_limits_requests_is_waited_for(self):
        patient = lora_recycle.Client(os.environ["LIMITED_URL"])
        impatient = lora_recycle.Client(os.environ["LIMITED_URL"], retry_for=0)
        with self.assertRaises(lora_recycle.ProblemError) as refused:
            for _ in range(20):
                impatient.server.limits()
        self.assertEqual((429, 1.0), (refused.exception.status, refused.exception.retry_after))
        self.assertEqual(1, len(patient.classify(SUPPORT, [QUERY]).predictions))

    def test_only_what_does_no_harm_is_sent_again(self):
        for code, times in (("queue-full", 2), ("storage-unavailable", 1)):
            with BusyService(code) as busy, self.assertRaises(lora_recycle.ProblemError) as refused:
                lora_recycle.Client(busy.url, retry_for=1).tasks.create(SUPPORT)
            self.assertEqual((code, times), (refused.exception.code, busy.requests))
        with BusyService("queue-full") as busy, self.assertRaises(lora_recycle.ProblemError):
            lora_recycle.Client(busy.url, retry_for=1).classify(SUPPORT, [Pipe(b"once")])
        self.assertEqual(1, busy.requests)


class RecyclingTests(unittest.TestCase):
    def setUp(self):
        self.client = lora_recycle.Client(os.environ["TINY_URL"])

    def test_a_lora_is_uploaded_recycled_and_followed_over_broken_connections(self):
        lora = self.client.loras.upload(os.environ["TINY_LORA"], name="from Python")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lora.zip")
            with zipfile.ZipFile(path, "w") as archive:
                for name in os.listdir(os.environ["TINY_LORA"]):
                    archive.write(os.path.join(os.environ["TINY_LORA"], name), name)
            self.assertEqual(lora.id, self.client.loras.upload(path).id)
        self.assertEqual([lora.id], [one.id for one in self.client.loras.list(name="from P*")])

        job = self.client.recycle.start(
            loras=[lora.id],
            name="from-python",
            inversion={"iterations": 4, "imagesPerClass": 2},
            distillation={"iterations": 4, "queries": 1, "episodesPerStep": 1, "rank": 2},
            validation={"dataSet": self.client.recycle.data_sets().data_sets[0].name, "episodes": 1, "queries": 1},
        )
        events = list(lora_recycle.Client(os.environ["CUTTING_URL"]).recycle.follow(job.id))

        self.assertEqual(list(range(1, len(events) + 1)), [one.number for one in events])
        self.assertEqual(("succeeded", True), (events[-1].state, events[-1].final))
        self.assertTrue(any(isinstance(one, answers.EvaluationEvent) for one in events))
        self.assertEqual([], list(self.client.recycle.follow(job.id, after=len(events))))
        self.assertEqual("succeeded", self.client.recycle.wait(job.id).job.state)
        self.assertEqual([1, 2, 3], [one.number for one in self.client.recycle.images(job.id, from_=1, limit=2)])
        self.assertTrue(self.client.recycle.image(job.id, 0).startswith(b"\x89PNG"))
        self.assertTrue(self.client.recycle.mask(job.id, 0, masked=0.75).startswith(b"\x89PNG"))
        self.assertIn(job.id, [one.id for one in self.client.recycle.list(limit=1)])
        made, shipped = self.client.meta_loras.get("from-python"), self.client.meta_loras.get("first")
        self.assertEqual(("ready", False, True), (made.status, made.shipped, shipped.shipped))
        self.assertIsNone(self.client.recycle.delete(job.id))

    def test_a_lora_is_not_read_into_memory_to_be_sent(self):
        large = 64 << 20
        with tempfile.NamedTemporaryFile(suffix=".zip") as file:
            file.truncate(large)
            tracemalloc.start()
            with self.assertRaises(lora_recycle.ProblemError) as refused:
                self.client.loras.upload(file.name)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        self.assertEqual("damaged-zip", refused.exception.code)  # so all of it arrived
        self.assertLess(most, large / 8)

    def test_a_server_that_is_not_there_is_no_job_to_wait_for(self):
        with self.assertRaises(OSError):
            lora_recycle.Client("http://127.0.0.1:9").recycle.wait("x")


class BusyService:
    """Refuses everything with one problem, which no real server does on demand."""

    def __init__(self, code):
        service = self
        self.requests = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                service.requests += 1
                body = b'{"code": "%s", "detail": "Later."}' % code.encode()
                self.send_response(503)
                self.send_header("Content-Type", "application/problem+json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Retry-After", "1")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    unittest.main()
