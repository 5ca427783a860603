// Times one addition of two one-element tensors: called directly, and through the dispatcher's boxed convention.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

constexpr int calls = 100'000;
constexpr int batches = 20;

// Nanoseconds a call: the fastest batch, so that what else the machine does does not count.
template <typename Body>
double measure(Body&& body) {
    std::vector<double> times;
    for (int batch = 0; batch < batches; batch++) {
        auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; i++) body();
        times.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / calls);
    }
    std::sort(times.begin(), times.end());
    return times[0];
}

int main() {
    at::set_num_threads(1);
    auto left = at::ones({1}), right = at::ones({1});
    auto op = c10::Dispatcher::singleton().findSchemaOrThrow("aten::add", "Tensor");
    std::printf("%.0f ", measure([&] { at::add(left, right); }));
    std::printf("%.0f\n", measure([&] {
        torch::jit::Stack stack;
        stack.reserve(3);
        stack.emplace_back(left);
        stack.emplace_back(right);
        stack.emplace_back(1);
        op.callBoxed(&stack);
    }));
}
