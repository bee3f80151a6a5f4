import FaultCore

/// What a search knows of a request that is under way.
struct RequestWords: BitwiseCopyable, Equatable, Sendable {
    /// What it is; 0 if it can't be told apart from another one, except by the tasks that sleep on it.
    var word: UInt64
    /// When it is done, which decides its number.
    var completes: UInt64
    /// The task that has submitted it.
    var task: TaskID

    /// Whether its number is lower than that of a request which is submitted later.
    func comesBefore(later request: Self) -> Bool { completes <= request.completes }
}

extension [RequestWords] {
    /// Adds a request that has just been submitted. Beside one that can't be told apart from others, it counts as such itself.
    mutating func insert(submitted request: RequestWords) {
        var request = request
        for place in indices where self[place].word == request.word || self[place].word == 0 {
            self[place].word = 0
            request.word = 0
        }
        insert(request, at: firstIndex { !$0.comesBefore(later: request) } ?? count)
    }
}

extension Machine {
    /// The requests that are under way, by number.
    var requestWords: [RequestWords] {
        let requests = requestsUnderWay
        let words = requests.map { identity(of: $0) | 1 }
        return requests.indices.map { number in
            let isAlone = !words.indices.contains { $0 != number && words[$0] == words[number] }
            return RequestWords(
                word: isAlone ? words[number] : 0, completes: requests[number].completes, task: requests[number].task)
        }
    }

    /// Whether exactly these requests are under way, and nothing else can happen beside stages.
    func hasOnly(_ requests: [IORequest]) -> Bool {
        !hasTimers && hasNoUserfaults && requests.elementsEqual(requestsUnderWay) { $0.id == $1.id }
    }

    /// The request that is under way in addition to these, if nothing else can happen beside stages; `nil` if there is none,
    /// or not only one.
    func onlyNewRequest(beside requests: [IORequest]) -> RequestWords? {
        let all = requestsUnderWay
        guard all.count == requests.count + 1, !hasTimers, hasNoUserfaults else { return nil }
        guard let place = all.indices.first(where: { $0 == requests.count || all[$0].id != requests[$0].id }),
            all[(place + 1)...].elementsEqual(requests[place...], by: { $0.id == $1.id })
        else { return nil }
        let request = all[place]
        return RequestWords(word: identity(of: request) | 1, completes: request.completes, task: request.task)
    }
}
