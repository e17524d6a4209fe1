-- Leader election and commitment for Tarantool 2.6, after the Raft paper (5.2 to 5.4), with pre-vote and check quorum
-- (Ongaro's dissertation, 9.6 and 6.2). 2.6.0 has synchronous spaces but no election, and its synchronous queue neither
-- survives concurrent writers nor a restart (docs/decisions/0003), so commitment is done here as well: a write is
-- answered once a majority holds it.
--
-- follower   Takes rows from the leader and from those that follow it. Entered at start, on a higher term, and by a
--            leader that hears no majority for one lease. Left when no leader is heard for the election timeout, or
--            when the leader's process is gone.
-- candidate  Has won a pre-vote, raised the term and voted for itself; takes rows from nobody. Left by a majority of
--            votes, by a leader's heartbeat, or when the votes did not come in time.
-- leader     Sends heartbeats. Writable only after its promotion: a majority holds all of its rows, and the row that
--            begins its term.
--
-- Two rules keep the data whole. A node that enters a term stops all replication before it answers, so a deposed
-- leader's late rows reach nobody. And a node takes rows again only after the leader has found its log to be a part of
-- its own; one that is not has rows that no majority ever held: they are discarded and the node is filled again.
local clock = require('clock')
local fiber = require('fiber')
local fio = require('fio')
local log = require('log')
local log_position = require('tarantool2.log_position')
local peers = require('replicaset.peers')
local restart = require('tarantool2.restart')
local term_store = require('tarantool2.term_store')

-- Seconds.
local STAGGER = 0.015
local COURTESY = 0.06
local TICK = 0.005
local FAREWELL = 0.1

local election = {}

local configuration
local term_path
local by_name = {}
local callbacks = {}

local state = {
    term = 0,
    vote = nil,
    role = 'follower',
    leader = nil,
    writable = false,
    heard_at = 0,
    has_resigned = false,
    due_at = 0,
    lease_until = 0,
    acked_at = {},
    elected_at = nil,
    -- Members whose logs are known to be part of this term's leader's.
    fitting = {},
    fits = false,
    sources = nil,
}

local beat = fiber.cond()
local followed = fiber.cond()
local ticked = fiber.cond()
-- Writers that wait for a majority: {own lsn, condition}.
local waiting = {}
local has_waiters = fiber.cond()
-- Transactions on their way into this node's log.
local commits_under_way = 0

local function now()
    return clock.monotonic()
end

local function save()
    term_store.save(term_path, state)
end

-- One change of term, vote or sources at a time: each of them yields.
local lock = {held = false, released = fiber.cond()}

local function exclusively(fn)
    while lock.held do
        lock.released:wait()
    end
    lock.held = true
    local done, result = pcall(fn)
    lock.held = false
    lock.released:signal()
    if not done then
        error(result, 0)
    end
    return result
end

local function heartbeat_timeout()
    return 4 * configuration.timeout
end

local function postpone(least, most)
    state.due_at = now() + least + math.random() * (most - least)
end

local function set_sources(names)
    table.sort(names)
    local key = table.concat(names, ' ')
    if key == state.sources then
        return
    end
    local uris = {}
    for _, name in ipairs(names) do
        local peer = by_name[name]
        table.insert(uris, ('%s:%s@%s'):format(configuration.login, configuration.password, peer.uri))
    end
    state.sources = key
    box.cfg({replication = uris})
end

local function leader_is_alive()
    if state.role == 'leader' then
        return now() < state.lease_until
    end
    if state.leader == nil or state.has_resigned or by_name[state.leader].gone then
        return false
    end
    return now() - state.heard_at < heartbeat_timeout()
end

-- A frozen leader may wake with rows on their way into its log: it must not say where its log ends before they are in.
local function write_through(fn, ...)
    commits_under_way = commits_under_way + 1
    local done, result = pcall(fn, ...)
    commits_under_way = commits_under_way - 1
    if not done then
        error(result, 0)
    end
    return result
end

local function become_follower(leader)
    state.role = 'follower'
    state.leader = leader
    state.writable = false
    state.has_resigned = false
    state.heard_at = now()
    followed:broadcast()
end

-- Enters a higher term. Under the lock; returns when no row of an earlier leader can come in any more.
local function enter_term(term, vote)
    local was_leader = state.role == 'leader'
    state.term, state.vote = term, vote
    become_follower(nil)
    state.fits, state.fitting = false, {}
    save()
    if was_leader then
        log.warn('Deposed by term %d', term)
    end
    box.cfg({read_only = true})
    while commits_under_way > 0 do
        fiber.sleep(0.001)
    end
    set_sources({})
end

local function hear_of_term(term)
    exclusively(function()
        if term > state.term then
            enter_term(term, nil)
        end
    end)
end

-- A leader that hears no majority must not go on: another may have been elected (check quorum).
local function give_up_leadership(reason)
    log.warn('Leader of term %d no more: %s', state.term, reason)
    become_follower(nil)
    box.cfg({read_only = true})
    postpone(0, configuration.timeout)
end

-- Leadership holds from when the heartbeat was sent that a majority has answered.
local function renew_lease()
    local times = {}
    for _, member in ipairs(configuration.members) do
        table.insert(times, member.name == configuration.name and now() or state.acked_at[member.name] or 0)
    end
    table.sort(times, function(a, b) return a > b end)
    state.lease_until = math.max(state.lease_until, times[configuration.quorum] + 2 * configuration.timeout)
end

-- Waits until a majority holds every row that this leader has now. Raft 5.4.2: rows of earlier terms count as
-- committed only with one of the leader's own behind them, hence the row that begins a term.
local function wait_for_holders(term)
    while log_position.count_holders() < configuration.quorum do
        fiber.sleep(0.001)
        if state.term ~= term or state.role ~= 'leader' then
            return false
        end
    end
    return true
end

local function promote(term)
    if not wait_for_holders(term) then
        return
    end
    box.cfg({read_only = false})
    write_through(box.space.election_terms.replace, box.space.election_terms,
        {term, box.info.id, state.elected_at})
    if not wait_for_holders(term) then
        return
    end
    state.writable = true
    log.info('Leader of term %d, writable', term)
    for _, callback in ipairs(callbacks) do
        callback()
    end
end

local function become_leader()
    local term = state.term
    state.role = 'leader'
    state.leader = configuration.name
    state.elected_at = log_position.now().vclock
    state.fitting = {}
    state.acked_at = {}
    state.lease_until = now() + 2 * configuration.timeout
    renew_lease()
    log.info('Elected in term %d', term)
    beat:broadcast()
    fiber.new(promote, term):name('promote')
end

local function count_votes(answers)
    local votes, highest_term = 1, 0
    for _, answer in pairs(answers) do
        votes = votes + (answer.granted and 1 or 0)
        highest_term = math.max(highest_term, answer.term)
    end
    return votes, highest_term
end

-- Asks everybody for a vote; true when a majority grants it.
local function ask_for_votes(term, is_trial)
    local request = {term = term, candidate = configuration.name, log = log_position.now(), is_trial = is_trial}
    local answers = peers.ask_all(by_name, 'election.vote', {request}, configuration.timeout,
        function(answers) return count_votes(answers) >= configuration.quorum end)
    local votes, highest_term = count_votes(answers)
    if highest_term > state.term then
        hear_of_term(highest_term)
    end
    return votes >= configuration.quorum
end

local function stand_for_election()
    local term = state.term
    -- Pre-vote: a node that merely cannot hear the leader must not depose it by raising the term.
    if not ask_for_votes(term + 1, true) then
        postpone(STAGGER / 2, state.leader == nil and configuration.timeout or 2 * STAGGER)
        return
    end
    exclusively(function()
        if state.term == term and not leader_is_alive() then
            enter_term(term + 1, configuration.name)
            state.role = 'candidate'
        end
    end)
    if state.term ~= term + 1 or state.role ~= 'candidate' then
        return
    end
    postpone(COURTESY, configuration.timeout)
    if ask_for_votes(term + 1, false) and state.term == term + 1 and state.role == 'candidate' then
        become_leader()
    end
end

local function run_timer()
    while true do
        if state.role == 'leader' then
            if now() >= state.lease_until then
                give_up_leadership('no majority answers')
            end
        elseif now() >= state.due_at and not leader_is_alive() then
            stand_for_election()
        end
        ticked:wait(TICK)
    end
end

-- This node's own rows, up to which a majority holds them.
local function committed_lsn()
    local id = box.info.id
    local lsns = {box.info.lsn}
    for other, replica in pairs(box.info.replication) do
        local downstream = replica.downstream
        if other ~= id and downstream ~= nil and downstream.vclock ~= nil then
            table.insert(lsns, downstream.vclock[id] or 0)
        end
    end
    table.sort(lsns, function(a, b) return a > b end)
    return lsns[configuration.quorum] or 0
end

-- Wakes the writers whose rows a majority holds. Polls, for 2.6 tells nobody when a follower has acknowledged.
local function run_commitment()
    while true do
        while next(waiting) == nil do
            has_waiters:wait()
        end
        local committed = committed_lsn()
        for waiter in pairs(waiting) do
            if waiter.lsn <= committed or state.term ~= waiter.term or state.role ~= 'leader' then
                waiter.is_committed = waiter.lsn <= committed
                waiting[waiter] = nil
                waiter.done:broadcast()
            end
        end
        fiber.sleep(0.0003)
    end
end

-- Waits until a majority holds all that this leader has written so far; false when it does not come to that.
local function wait_for_majority(deadline)
    local waiter = {lsn = box.info.lsn, term = state.term, done = fiber.cond(), is_committed = false}
    -- A follower acknowledges before it enters a later term, never after: this stands whoever leads now.
    if waiter.lsn <= committed_lsn() then
        return true
    end
    if state.role ~= 'leader' then
        return false
    end
    waiting[waiter] = true
    has_waiters:broadcast()
    waiter.done:wait(math.max(0, deadline - now()))
    waiting[waiter] = nil
    return waiter.is_committed
end

local function fitting_names()
    local names = {}
    for name in pairs(state.fitting) do
        table.insert(names, name)
    end
    return setmetatable(names, {__serialize = 'seq'})
end

local function send_heartbeats(peer)
    while true do
        if state.role == 'leader' and peer.connection ~= nil then
            local sent_at, term = now(), state.term
            local answer = peer:call('election.heartbeat',
                {{term = term, leader = configuration.name, fitting = fitting_names()}}, 2 * configuration.timeout)
            if answer ~= nil and answer.term > state.term then
                hear_of_term(answer.term)
            elseif answer ~= nil and state.role == 'leader' and state.term == term then
                state.acked_at[peer.name] = sent_at
                renew_lease()
            end
        end
        beat:wait(configuration.timeout / 2)
    end
end

local function follow_once()
    local leader, term = state.leader, state.term
    local peer = leader ~= nil and by_name[leader]
    if not peer or peer.connection == nil then
        return
    end
    if not state.fits then
        local request = {name = configuration.name, term = term, log = log_position.now()}
        local answer = peer:call('election.join_log', {request}, configuration.timeout)
        if answer == nil or answer.term ~= state.term or answer.fits == nil then
            return
        end
        if not answer.fits then
            log.warn('This node has rows that leader %s does not have: they were never confirmed', leader)
            restart.discard_data(configuration)
            restart.now('to be filled again from the leader')
        end
    end
    exclusively(function()
        if state.term == term and state.leader == leader then
            state.fits = true
            local sources = {leader}
            for name in pairs(state.fitting) do
                if name ~= configuration.name and name ~= leader then
                    table.insert(sources, name)
                end
            end
            set_sources(sources)
        end
    end)
end

-- The leader, too, connects to those that follow it: it takes no rows from them, but sees them in box.info.
local function lead_once()
    exclusively(function()
        if state.role == 'leader' and state.writable then
            set_sources(fitting_names())
        end
    end)
end

local function run_follower()
    while true do
        if state.role == 'leader' then
            lead_once()
        elseif state.role == 'follower' then
            follow_once()
        end
        followed:wait(configuration.timeout / 2)
    end
end

-- What peers ask of each other, as the replicator.
local rpc = {}

function rpc.vote(request)
    if request.is_trial then
        local granted = request.term > state.term and not leader_is_alive()
            and log_position.is_up_to_date(request.log, log_position.now())
        if granted then
            -- Lets it go first: two that stand at once split the vote.
            state.due_at = math.max(state.due_at, now() + COURTESY)
        end
        return {term = state.term, granted = granted}
    end
    return exclusively(function()
        if request.term < state.term or leader_is_alive() then
            return {term = state.term, granted = false}
        end
        if request.term > state.term then
            enter_term(request.term, nil)
        end
        local granted = (state.vote == nil or state.vote == request.candidate)
            and log_position.is_up_to_date(request.log, log_position.now())
        if granted then
            state.vote = request.candidate
            save()
            postpone(heartbeat_timeout(), heartbeat_timeout() + configuration.election_timeout / 2)
        end
        return {term = state.term, granted = granted}
    end)
end

function rpc.heartbeat(request)
    -- Waits for a change of term under way: what follows relies on its being complete.
    hear_of_term(request.term)
    if request.term < state.term or state.role == 'leader' then
        return {term = state.term}
    end
    if state.leader ~= request.leader then
        log.info('Following %s in term %d', request.leader, request.term)
        become_follower(request.leader)
    end
    state.heard_at = now()
    state.has_resigned = false
    postpone(heartbeat_timeout(), heartbeat_timeout() + configuration.election_timeout / 2)
    state.fitting = {}
    for _, name in ipairs(request.fitting) do
        state.fitting[name] = true
    end
    followed:broadcast()
    return {term = state.term}
end

-- Asked by a follower before it takes rows: is its log a part of this leader's?
function rpc.join_log(request)
    if state.role ~= 'leader' or request.term ~= state.term then
        return {term = state.term}
    end
    local fits = log_position.fits(request.log, state.term, state.elected_at)
    if fits and not state.fitting[request.name] then
        state.fitting[request.name] = true
        beat:broadcast()
        followed:broadcast()
    end
    return {term = state.term, fits = fits}
end

-- The leader stops: elect at once.
function rpc.resign(request)
    if request.term == state.term and state.leader == request.leader then
        state.has_resigned = true
        election.hurry()
    end
    return {term = state.term}
end

-- Asked by a node without data: where can it be filled from?
function rpc.state()
    return {term = state.term, leader = state.writable and configuration.name or state.leader}
end

-- Stands for election soon: those first by name go first, lest they split the vote.
function election.hurry()
    local rank = 0
    for _, member in ipairs(configuration.members) do
        if member.name == configuration.name then
            break
        end
        rank = rank + (member.name ~= state.leader and 1 or 0)
    end
    state.due_at = now() + rank * STAGGER
    ticked:broadcast()
end

local function on_peer_change(peer)
    if peer.gone and peer.name == state.leader then
        election.hurry()
    end
    beat:broadcast()
    followed:broadcast()
end

-- A leader that is asked to stop finishes its writes, has the others elect at once, and stays long enough to tell its
-- clients that it leads no more: 2.6 cuts their connections when it exits, whatever is on the way.
local function hand_over()
    if state.role ~= 'leader' then
        return
    end
    state.writable = false
    box.cfg({read_only = true})
    local deadline = now() + configuration.timeout
    while now() < deadline
        and (commits_under_way > 0 or next(waiting) ~= nil or log_position.count_holders() < configuration.quorum) do
        fiber.sleep(0.001)
    end
    state.role = 'follower'
    state.leader = nil
    postpone(heartbeat_timeout(), 2 * heartbeat_timeout())
    local request = {term = state.term, leader = configuration.name}
    peers.ask_all(by_name, 'election.resign', {request}, configuration.timeout, function() return false end)
    fiber.sleep(FAREWELL)
end

-- Names of the functions that peers call.
function election.function_names()
    local names = {}
    for name in pairs(rpc) do
        table.insert(names, 'election.' .. name)
    end
    table.sort(names)
    return names
end

-- Makes them callable; before the node listens.
function election.publish()
    rawset(_G, 'election', rpc)
end

-- Takes part in elections from now on. `list` is the peers', as in replicaset/peers.lua.
function election.start(settings, list)
    configuration = settings
    term_path = fio.pathjoin(settings.wal_dir, 'election.json')
    local saved = term_store.load(term_path)
    state.term, state.vote = saved.term, saved.vote
    math.randomseed(tonumber(clock.realtime64() % 2 ^ 31) + #settings.name * settings.name:byte(-1))
    by_name = peers.connect(list, on_peer_change)
    postpone(0.05, 0.2)
    fiber.new(run_timer):name('election_timer')
    fiber.new(run_follower):name('election_follower')
    fiber.new(run_commitment):name('commitment')
    for _, peer in pairs(by_name) do
        fiber.new(send_heartbeats, peer):name('heartbeats')
    end
    box.ctl.on_shutdown(hand_over)
end

-- The same shape as box.info.election and box.info.ro of Tarantool 3: see replicaset/leadership.lua.
election.source = {}

function election.source.info()
    local reason
    if not state.writable then
        reason = state.role == 'leader' and 'synchro' or 'election'
    end
    return {
        role = state.role,
        term = state.term,
        leader = state.leader,
        writable = election.source.may_write(),
        read_only_reason = reason,
    }
end

-- See replicaset/leadership.lua.
election.source.synchronous_spaces = false

-- A write stands in the log and waits for its majority. Raises when that cannot be told in time: what then becomes of
-- it, the next leader decides.
function election.source.commit(timeout)
    write_through(box.commit)
    if not wait_for_majority(now() + timeout) then
        error('The write stands in the log of a leader that could not confirm it on a majority', 0)
    end
end

-- A read shows nothing that could still be lost.
function election.source.settle_reads()
    if state.role == 'leader' then
        wait_for_majority(now() + heartbeat_timeout())
    end
end

-- Asked before every write, against a clock that runs on while the process is frozen: a leader that wakes after
-- another was elected refuses, whatever waits in its sockets.
function election.source.may_write()
    return state.writable and now() < state.lease_until
end

function election.source.on_writable(callback)
    local function until_done()
        while state.writable and not callback() do
            fiber.sleep(0.1)
        end
    end
    table.insert(callbacks, until_done)
    if state.writable then
        fiber.new(until_done)
    end
    return function()
        for i, known in ipairs(callbacks) do
            if known == until_done then
                table.remove(callbacks, i)
            end
        end
    end
end

-- Why no rows come from this peer.
function election.missing_upstream(name)
    local peer = by_name[name]
    if peer.connection == nil then
        return {status = 'disconnected', message = peer.problem}
    end
    return {status = 'disconnected', message = 'No rows are taken from it until the leader has checked its log'}
end

return election
