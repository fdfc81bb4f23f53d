"""Words that tell what a part of a citation is: venues, employers, common nouns, words of a sentence.

Compared in lower case and, in names, without accents. They only break ties that the form of a line leaves
open: a venue or company that is missing here is still read right when its place in the line says so.
"""

__all__ = [
    "ACRONYMS",
    "ALSO_SURNAMES",
    "ALSO_VENUES",
    "ASIDES",
    "COMMON",
    "EMPLOYERS",
    "FUNCTION_WORDS",
    "KNOWN_PEOPLE",
    "NO_AUTHORS",
    "NO_NAMES",
    "ORGANISATIONS",
    "PARTICLES",
    "SENTENCE_WORDS",
    "VENUES",
    "VENUE_NAMES",
    "VENUE_WORDS",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What may stand beside a year without being a name or a venue.
ASIDES = _words(
    """oral orals spotlight best paper papers award awards winner keynote tutorial tutorials workshop talk
    poster long short findings outstanding honorable honourable mention runner-up nominee candidate
    invited session demo track main conference challenge edition ed ed. eds revised updated update version
    draft preprint accepted submitted review under forthcoming volume vol vol. chapter part slides pdf
    video lecture lectures course online extended abstract phd msc bsc ph.d. m.sc. master masters master's
    doctoral thesis dissertation technical tech report ca ca. circa c. early late mid spring summer fall
    autumn winter january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec 1st 2nd 3rd first second third published release
    released last accessed camera-ready camera ready only"""
)
# Asides that are surnames when they stand alone and capitalised: `Long 2015`.
ALSO_SURNAMES = _words("""long short main early masters page first""")
# Words before a year that never name an author, however they are written.
NO_AUTHORS = _words(
    """since until till about around before after during in at from by as now today top copyright updated
    over"""
)
# The same when they are in lower case.
FUNCTION_WORDS = _words(
    """in at on of by to for from since until till about around before after during as and or the a an no
    with year years top copyright over under up desde hasta seit bis depuis en im vom updated now today
    model models paper"""
)
# Words in lower case that a name may hold.
PARTICLES = _words(
    """van von der den de del della di da dos das du la le el al bin ibn ben ten ter zu zum zur af av y e i
    und et and of the for in on d' do san st. st mc & och og en na"""
)
# Meetings, journals and publishers known by initials; one capital alone (`Siam 2016`) is a surname instead.
ACRONYMS = _words(
    """iclr icml neurips nips cvpr cvprw iccv iccvw eccv wacv accv bmvc aaai ijcai ecai acl naacl eacl emnlp
    conll coling aacl tacl lrec icassp interspeech asru slt kdd sigkdd www thewebconf wsdm cikm sigir
    recsys ecir icdm sdm pakdd ecml ecml-pkdd pkdd aistats uai colt alt corl rss icra iros miccai midl
    isbi ipmi siggraph sigmod vldb icde osdi sosp nsdi asplos isca micro mlsys usenix ccs ndss chi uist
    iui facct fat* fat aies aamas icaps kr iswc eswc icpr icip icme mm icann ijcnn esann iscas dac date
    jmlr tmlr tpami pami ijcv tip tnnls tkde pnas mlj ssrn plos nejm bmj crc mdpi ieee acm siam mlss ismir
    dcase l4dc learningsys repl4nlp wmt semeval jsm isscc gtc stoc focs soda icalp podc euro ifip icdar
    das 3dv gcpr scia caip egu agu ams cleo spie eusipco mlsp ijcnlp acml icmla dsaa"""
)
# Meetings, journals and publishers with a name.
VENUE_NAMES = _words(
    """arxiv biorxiv medrxiv chemrxiv psyarxiv earthrxiv eartharxiv openreview nature science plos peerj
    elife lancet jama springer springerlink packt oreilly o'reilly elsevier cambridge oxford apress
    addison-wesley mcgraw-hill routledge birkhauser frontiers hindawi leanpub distill pydata scipy pycon
    europython juliacon hotchips hotnets pnas"""
)
# Publishers and journals that are surnames too: venues only beside an author.
ALSO_VENUES = _words("""manning wiley pearson sage cell micro""")
VENUES = ACRONYMS | VENUE_NAMES | ALSO_VENUES
# Words that only names of venues hold.
VENUE_WORDS = _words(
    """conference conf conf. workshop workshops proceedings journal symposium transactions letters magazine
    podcast congress meeting summit seminar press publisher publishers publishing verlag editorial blog
    annals communications bulletin reports review reviews lecture school tutorial symp. proc. trans.
    revista congreso konferenz zeitschrift revue conférence conferencia actas arxiv preprint"""
)
# Beside an author these say where somebody works, not where something was published.
EMPLOYERS = _words(
    """google deepmind openai meta facebook fair microsoft msr nvidia amazon aws apple ibm baidu huawei
    tencent alibaba salesforce anthropic mila stanford berkeley cmu eth epfl inria harvard princeton
    caltech ucl ucla nyu oxford-man huggingface cohere mistral intel samsung sony adobe uber twitter
    netflix spotify bytedance brain"""
)
# Words of the names of organisations.
ORGANISATIONS = _words(
    """university universität universidad université universitat college institute instituto institut
    school lab labs laboratory research group team inc inc. ltd corp corporation company foundation
    academy academia society center centre department dept faculty student students professor prof ai
    tech technologies technology brain face u u. uc ecole école hochschule politecnico club network
    networks alliance organization organisation consortium agency ministry bank council tu fh eth
    kth ku kit kaist dfki hku"""
)
# Nouns, tools and formats that stand in parentheses behind titles.
COMMON = _words(
    """deep machine learning neural data science models model code paper part chapter book guide course
    courses lecture lectures talk talks video videos slides notes tutorial tutorials podcast interview
    discussion introduction intro overview survey review summary blog post demo website site official
    unofficial implementation version edition free paid beta alpha new old english spanish french german
    chinese maps map saliency vision language image text series graph graphs attention transformer
    transformers python pytorch tensorflow keras jax numpy scipy sklearn matlab java javascript julia rust
    github gitlab arxiv youtube coursera udacity udemy edx kaggle medium wikipedia reddit twitter linkedin
    colab docker linux windows android apache keynote workshop poster thesis extended abstract
    supplementary appendix with for from by in on and or the a an of to how what why one two three causal
    inference true brave open source multi single online offline supervised unsupervised bayesian gaussian
    markov monte carlo fourier laplace hessian bert gan gans vae vaes cnn rnn lstm forest forests random
    tree trees search gradient descent regression network nets machines vectors kernel kernels process
    processes policy agent agents memory linear logistic boosting decision hidden latent space field
    fields state variational contrastive zero few shot full stack times today daily weekly hat overflow
    desktop mobile web app apps big small large tiny basic advanced simple fast"""
)
NO_NAMES = COMMON | ORGANISATIONS | EMPLOYERS
# People of the field whose surname alone says that a parenthesis names a person.
KNOWN_PEOPLE = _words(
    """bengio hinton lecun schmidhuber goodfellow karpathy ng sutskever hassabis silver sutton barto pearl
    tenenbaum chollet raschka bishop murphy jordan abbeel levine finn hochreiter schölkopf scholkopf
    larochelle vinyals courville salakhutdinov kingma welling dieleman olah vaswani devlin radford
    brockman bronstein leskovec kipf veličković velickovic manning jurafsky socher zisserman vedaldi efros
    malik darrell girshick friston minsky mccarthy norvig russell marcus mitchell bostrom yudkowsky
    tegmark bubeck ermon duvenaud cranmer brunton strogatz strang mackay gelman mcelreath hastie
    tibshirani breiman vapnik cortes wolfram chomsky turing shannon amodei altman"""
)
# Words after which a link is a part of the sentence.
SENTENCE_WORDS = _words(
    """a an the in on at of by with from to for and or using via into as is are was were be than like under
    over between about that this which these those its their our your uses used called named introduces
    proposed released see en de del la el los las un una con por para y o que es al le les du des et dans
    avec par sur au aux une est von mit im am der die das den dem ein eine einen und oder auf bei für zu
    ist aus do da dos em com no na e um uma il lo gli di per nel nella che é è"""
)
